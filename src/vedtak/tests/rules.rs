//! Rules of language and of municipal practice, each with the sentences it was made for.

use super::*;

/// The value and outcome of a field, as one reads them.
fn shown(understood: &Understood, name: &str) -> String {
    format!("{} {:?}", json(understood, name), decision_of(understood, name))
}

/// Holds the fields of a text against `expected`.
fn expect(text: &str, expected: &[(&str, &str)]) {
    let understood = read(text);
    for (name, value) in expected {
        assert_eq!(shown(&understood, name), *value, "{name} of {text}: {:?}", codes(&understood));
    }
}

#[test]
fn no_to_one_age_group_is_no_to_that_group_alone() {
    let two_older = "Vedtak:\nBodø kommune bosetter 14 voksne flyktninger i 2027. I tillegg tar kommunen imot 2 enslige mindreårige mellom 15 og 18 år. ";
    for ending in ["Enslige mindreårige under 15 år kan kommunen ikke ta imot.", "Det tas ikke imot enslige mindreårige under 15 år."] {
        expect(
            &format!("{two_older}{ending}"),
            &[("vedtatt_totalt", "16 Accept"), ("vedtatt_em_15_18", "2 Accept"), ("vedtatt_em_under_15", "0 Accept"), ("vedtatt_voksne_familier", "14 Accept")],
        );
    }
    expect(
        "Vedtak:\nBodø kommune bosetter 20 flyktninger i 2027, hvorav 3 enslige mindreårige over 15 år, ingen under.",
        &[("vedtatt_em_under_15", "0 Accept")],
    );
    // None at all, beside some that were counted.
    expect(
        "Vedtak:\nBodø kommune bosetter 20 flyktninger i 2027, hvorav 3 enslige mindreårige. Enslige mindreårige bosettes ikke.",
        &[("vedtatt_totalt", "20 Review")],
    );
}

#[test]
fn of_a_part_of_the_whole_only_the_part_counts() {
    expect(
        "Vedtak:\n- Bodø kommune bosetter 110 flyktninger i 2027.\n- 5 av de 110 plassene er for enslige mindreårige mellom 15 og 18 år.",
        &[("vedtatt_totalt", "110 Accept"), ("vedtatt_em_15_18", "5 Accept"), ("vedtatt_em_totalt", "5 Accept")],
    );
    expect(
        "Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027. Ingen av de 90 plassene kan brukes til enslige mindreårige.",
        &[("vedtatt_totalt", "90 Accept"), ("vedtatt_em_totalt", "0 Accept")],
    );
}

#[test]
fn a_list_of_years_goes_on_after_the_minors_of_one() {
    expect(
        "Vedtak:\nBodø kommune bosetter 110 flyktninger i 2027, av disse 10 enslige mindreårige, 90 i 2028 og 60 i 2029.",
        &[("aar", "[2027,2028,2029] Review"), ("vedtatt_totalt", "110 Review"), ("vedtatt_em_totalt", "10 Review")],
    );
}

#[test]
fn what_comes_on_top_of_what_was_decided_is_no_total() {
    let text = "Bodø bystyre vedtok torsdag å ta imot tolv flyktninger i tillegg til dem kommunen allerede har sagt ja til for 2027.";
    assert!(accepted_numbers(&read(text)).is_empty());
    expect(text, &[("tilleggsvedtak", "12 Review")]);
    // Called an addition in one place and a number in another.
    assert!(accepted_numbers(&read("Vedtak:\nBodø kommune bosetter 12 flyktninger i 2027.\n\nDet er 12 flere enn tidligere vedtatt.")).is_empty());
}

#[test]
fn a_council_that_does_not_grant_the_request_refuses() {
    let understood = read(
        "Oppmodinga om å busetje flyktningar i 2027 vart drøfta i Luster. IMDi ønskte at kommunen busette 14. Kommunestyret vedtok at Luster kommune ikkje imøtekjem oppmodinga for 2027.",
    );
    assert_eq!((json(&understood, "vedtatt_totalt"), json(&understood, "svar")), (0.into(), "avslaar".into()));
}

#[test]
fn of_a_table_with_the_request_beside_it_the_decided_column_counts() {
    let table = "Vedtak i Bodø kommune, bystyret:\nBodø 2027 Anmodet Vedtatt\nVoksne/familier 27 22\nEM 15-18 2 2\nEM under 15 1\nSum 30 24";
    expect(table, &[("aar", "[2027] Accept"), ("vedtatt_totalt", "24 Accept"), ("vedtatt_voksne_familier", "22 Accept"), ("vedtatt_em_under_15", "0 Accept")]);
    // A table that does not add up is not read as sentences.
    assert!(accepted_numbers(&read(&table.replace("Voksne/familier 27 22", "Voksne/familier 27 26"))).is_empty());
}

#[test]
fn lost_spaces_and_hyphens_at_a_lines_end_hide_no_number() {
    expect(
        "Vedtak:\nBodø kommune bosetter 18flykt-\nninger i2027.Ingen av disse er enslige mindreårige.",
        &[("vedtatt_totalt", "18 Accept"), ("aar", "[2027] Accept")],
    );
}

#[test]
fn how_the_request_is_answered_is_accepted_only_from_the_decision_itself() {
    let asked = |request: &str| format!("Svar på anmodning\n\n{request}\n\nVedtak:\nBodø kommune bosetter 60 flyktninger i 2027.");
    for (request, answer) in [
        ("IMDi har anmodet Bodø kommune om å bosette 80 flyktninger i 2027.", r#""delvis" Accept"#),
        ("IMDi har anmodet Bodø kommune om å bosette 60 flyktninger i 2027.", r#""imoetekommer" Accept"#),
        // The request is named and not its number; a whole county was asked; more was asked for than was decided before.
        ("Vi viser til brevet med anmodning.", "null Review"),
        ("IMDi har anmodet kommunene i Nordland om å bosette 800 flyktninger i 2027.", "null Review"),
        ("IMDi har i en tilleggsanmodning bedt om 10.", "null Review"),
    ] {
        expect(&asked(request), &[("vedtatt_totalt", "60 Accept"), ("svar", answer)]);
    }
    expect("Vedtak:\nBodø kommune bosetter 60 flyktninger i 2027.", &[("svar", r#""ukjent" Accept"#)]);
}

#[test]
fn whose_decision_it_is_the_sender_and_the_deciding_sentence_say() {
    let told = "Fra: post@bodo.kommune.no\nEmne: Vedtak\nDato: 13.11.2026\n\nVedtak i bystyret:\n\"Bodø kommune bosetter 90 flyktninger i 2027.\"\n\n";
    expect(&format!("{told}Hilsen\nKari\nFra Jonas i Narvik kommune"), &[("kommune", r#""1804" Accept"#), ("vedtatt_totalt", "90 Accept")]);
    expect(&told.replace("post@bodo", "post@narvik"), &[("kommune", "null Review"), ("vedtatt_totalt", "90 Review")]);
    // A place with a kommune's name.
    expect("Tydal kommune\n\nVedtak i kommunestyret:\nKommunen bosetter 6 flyktninger i 2027 når det finnes hus på Ås.", &[("kommune", "null Review")]);
    // Nothing is decided, and several are named.
    expect("Narvik kommune er spurt om 60 flyktninger. Evenes svarte i fjor.", &[("kommune", r#""1806" Review"#)]);
}

#[test]
fn what_is_to_come_unsettles_a_decision_only_when_it_is_about_the_matter() {
    for aside in [
        "Status legges fram for hovedutvalget hvert tertial.",
        "Dersom boligsituasjonen endres, skal saken legges fram på nytt.",
        "Det ventes åtte søknader om familiegjenforening.",
    ] {
        expect(&format!("Vedtak i bystyret:\nBodø kommune bosetter 90 flyktninger i 2027.\n{aside}"), &[("vedtatt_totalt", "90 Accept")]);
    }
    expect(
        "Saken ble utsatt i bystyret 8. oktober og kom opp igjen 12. november.\n\nVedtak i bystyret:\nBodø kommune bosetter 90 flyktninger i 2027.",
        &[("vedtatt_totalt", "90 Accept")],
    );
    assert!(accepted_numbers(&read("Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.\n\nSaken skal behandles på nytt i bystyret i mars.")).is_empty());
}

#[test]
fn a_council_acts_in_any_order_of_words() {
    for text in [
        "Med 12 mot 7 stemmer vedtok bystyret torsdag å bosette 90 flyktninger i Bodø i 2027.",
        "Anmodningen om å bosette 90 flyktninger i 2027 er imøtekommet av Bodø bystyre.",
        "Bodø bystyre har gitt kommunedirektøren fullmakt til å ta imot inntil 90 flyktninger i 2027.",
        "Bystyret behandlet anmodningen i går. Bodø kommune kan bosette 90 flyktninger i 2027.",
        "Bystyrets vedtak 12. november er på 90 flyktninger til Bodø kommune i 2027.",
    ] {
        expect(text, &[("vedtatt_totalt", "90 Accept"), ("aar", "[2027] Accept")]);
    }
}

#[test]
fn a_no_and_what_the_losing_side_wanted_are_no_number() {
    expect(
        "Kommunestyret i Lom handsama onsdag 11.11.2026 oppmodinga for 2027, og det vart fleirtal for å avslå oppmodinga. 15 stod bak, mens 12 ønskte å ta imot 20.",
        &[("vedtatt_totalt", "0 Accept"), ("svar", "\"avslaar\" Accept")],
    );
    assert!(accepted_numbers(&read("Bystyret i Bodø behandlet torsdag saken om å bosette 20 flyktninger i 2027. Det ble nei.")).is_empty());
    // What was decided in a year before the one that is asked about.
    assert!(
        accepted_numbers(&read("IMDi har bedt Lom kommune om å busetje 12 flyktningar i 2028. Hausten 2026 vedtok kommunestyret å ta imot 20.")).is_empty()
    );
}

#[test]
fn the_short_words_of_mails_decide_too() {
    let mail = |words: &str| format!("Fra: post@bodo.kommune.no\nEmne: Vedtak\nDato: 13.11.2026\n\n{words}\n\nKari");
    for (words, outcome) in [
        ("Ja, det gikk i orden. 36 i 2027 ble vedtatt av bystyret 12.11, som anmodet.", "36 Accept"),
        ("Det ble ikke som jeg trodde. Bystyret gikk i går for 36 i 2027.", "36 Review"),
        // All in small letters.
        ("kommer rett fra møtet. vi fikk igjennom 36 for 2027 i bystyret. resten er ikke noe krav.", "36 Review"),
    ] {
        expect(&mail(words), &[("vedtatt_totalt", outcome)]);
    }
    assert!(accepted_numbers(&read(&mail("Vi sier ja til 36 i 2027, men det er ikke noe vedtak. Bystyret tar saken 10. desember."))).is_empty());
}

#[test]
fn under_the_heading_of_a_proposal_stands_who_made_it() {
    let vote = "Bodø kommune\nBystyremøte Bodø 12. november 2026\nVotering - sak 15\n\n19:42 Hovedforslag\nFormannskapet\nBodø kommune skal bosette 26 flyktninger i 2027.\nVedtatt\nFOR: 20 (8H, 5Ap, 7Sp) MOT: 5 (5FrP)\n\n19:45 Alternativt forslag\nFrP\nAntall reduseres til 10.\nFalt\nFOR: 5 MOT: 20";
    expect(vote, &[("vedtatt_totalt", "26 Accept"), ("aar", "[2027] Accept")]);
}

#[test]
fn a_result_an_apposition_and_an_elliptic_sentence_hold_the_number() {
    for text in [
        "Lom kommunestyre handsama torsdag oppmodinga for 2027. Resultatet vart at Lom kommune skal busetje 12 flyktningar i 2027.",
        "I går kveld stetta kommunestyret i Lom oppmodinga for 2027 fullt ut, altså 12 personar.",
        "Lom kommune\n\nI kommunestyret vart det slik:\n1. Kommunen buset 12 flyktningar i 2027.",
        "Lom kommune\n\nKommunestyrets vedtak 9. november 2026, sak 46/26\nLom kommune bosetter 12 flyktninger i 2027.",
        "Lom kommune\n\nPS 46/26 – Vedtak\n12 flyktninger vedtas bosatt i 2027.",
    ] {
        expect(text, &[("vedtatt_totalt", "12 Accept"), ("aar", "[2027] Accept")]);
    }
    let mail = "Fra: post@lom.kommune.no\nEmne: Vedtak\nDato: 13.11.2026\n\nHei, kommunestyret i Lom sa ja i går. 12 i 2027, det same som de bad om.";
    expect(mail, &[("vedtatt_totalt", "12 Accept")]);
}

#[test]
fn a_neighbours_number_and_a_comparison_with_this_year_are_beside_the_matter() {
    expect(
        "Publisert 12. november 2026\n\nLom kommune skal ta imot 12 flyktningar neste år, like mange som i år. Det vedtok kommunestyret torsdag. Vågå har vedteke 20 og Skjåk 15.",
        &[("vedtatt_totalt", "12 Accept"), ("aar", "[2027] Accept"), ("kommune", "\"3434\" Accept")],
    );
    expect(
        "Kommunestyret i Lom vedtok torsdag at Lom kommune buset 12 flyktningar i 2027. Det er to færre enn IMDi bad om.",
        &[("vedtatt_totalt", "12 Accept"), ("svar", "\"delvis\" Review")],
    );
}

#[test]
fn who_names_one_age_group_alone_names_all_minors() {
    expect(
        "Vedtak:\nBodø kommune bosetter 20 flyktninger i 2027, hvorav 3 enslige mindreårige over 15 år.",
        &[("vedtatt_em_totalt", "3 Accept"), ("vedtatt_em_15_18", "3 Accept"), ("vedtatt_em_under_15", "0 Accept")],
    );
    expect(
        "Vedtak i bystyret:\nBodø kommune bosetter 20 flyktninger i 2027.\nBystyret sier nei til enslige mindreårige.",
        &[("vedtatt_em_totalt", "0 Accept")],
    );
}

#[test]
fn a_body_with_delegated_power_has_the_last_word_though_the_council_is_told() {
    let text = "Lom kommune\nFormannskapet 12.11.2026\n\nKommunestyret har gitt formannskapet mynde til å gjere endeleg vedtak. Saka går difor ikkje vidare. Kommunestyret får saka til orientering.\n\nVedtak:\nLom kommune buset 12 flyktningar i 2027.";
    let understood = read(text);
    assert_eq!(json(&understood, "vedtatt_totalt"), 12);
    assert!(!codes(&understood).contains(&"still_open"), "{:?}", codes(&understood));
}

#[test]
fn a_number_changed_before_it_was_adopted_is_the_changed_one_and_a_person_looks() {
    let minutes = |behandling: &str, vedtak: &str| {
        format!(
            "Bodø kommune\nMøtebok\nBystyret 12.11.2026\n\nFormannskapets innstilling:\nBodø kommune bosetter 52 flyktninger i 2027.\n\nBehandling:\n{behandling}\n\nVedtak:\n{vedtak}"
        )
    };
    for (behandling, vedtak) in [
        ("Kari Dahl (FrP) foreslo å endre 52 til 45. Forslaget fra Dahl ble vedtatt.", "Formannskapets innstilling med den endringen."),
        ("Kari Dahl (FrP) fremmet endringsforslag: «Tallet 52 erstattes med 45.»", "Formannskapets innstilling slik endret."),
        ("Kari Dahl (FrP) foreslo at tallet reduseres med sju.", "Formannskapets innstilling, men slik at tallet reduseres med sju."),
    ] {
        let understood = read(&minutes(behandling, vedtak));
        assert_eq!(shown(&understood, "vedtatt_totalt"), "45 Review", "{vedtak}: {:?}", codes(&understood));
    }
    // An amendment that fell changes nothing.
    let fallen = minutes(
        "Kari Dahl (FrP) fremmet endringsforslag: «Tallet 52 erstattes med 45.»\nForslaget fra Dahl fikk 5 stemmer og falt.",
        "Formannskapets innstilling.",
    );
    assert_eq!(json(&read(&fallen), "vedtatt_totalt"), 52);
}

#[test]
fn alternatives_and_a_heading_with_its_vote() {
    let alternatives = "Bodø kommune\nBystyret 12.11.2026\n\nIMDi har anmodet om 70.\nAlt. 1 - 70 personer\nAlt. 2 - inntil 52 personer\n\nVedtak\nBodø kommune bosetter flyktninger i 2027 i samsvar med alternativ 2.";
    assert_ne!(json(&read(alternatives), "vedtatt_totalt"), 70);
    let table = "Lom kommune - møtebok, kommunestyret 07.11.2026\n\nVedtak (samrøystes, etter felles framlegg):\nLom kommune buset 12 flyktningar i 2027.";
    expect(table, &[("vedtatt_totalt", "12 Accept")]);
    for how in ["innstilling til kommunestyret", "samrøystes tilråding"] {
        assert!(accepted_numbers(&read(&table.replace("samrøystes, etter felles framlegg", how))).is_empty(), "{how}");
    }
}

#[test]
fn the_many_ways_to_write_one_decision() {
    for sentence in [
        "Lom kommune tilbyr bosetting for 12 flyktninger i 2027.",
        "Lom kommune stiller 12 plasser til disposisjon for bosetting av flyktninger i 2027.",
        "Busetjing av flyktningar i 2027: 12 personar.",
        "Talet på flyktningar som skal busetjast i Lom i 2027, vert sett til 12.",
        "1. Anmodningen fra IMDi for 2027 tas til følge.\n2. Kommunen bosetter 12 flyktninger.",
    ] {
        expect(&format!("Lom kommune\n\nVedtak i kommunestyret:\n{sentence}"), &[("vedtatt_totalt", "12 Accept"), ("aar", "[2027] Accept")]);
    }
    for sentence in [
        "Lom tar imot 12 flyktninger i 2027. Vedtaket ble fattet av kommunestyret 12. november 2026.",
        "Det blir 12 flyktninger til Lom i 2027. Kommunestyret var samstemte.",
        "Lom seier ja til 12 flyktningar i 2027. Det vart klart etter kommunestyremøtet torsdag.",
        "Kommunestyret i Lom landa på 12 flyktningar i 2027.",
    ] {
        expect(sentence, &[("vedtatt_totalt", "12 Accept"), ("aar", "[2027] Accept")]);
    }
    for sentence in ["For 2027 bosettes 12 flyktninger, for 2028 bosettes 10.", "Kommunen bosetter følgende antall:\n- 2027: 12\n- 2028: 10"] {
        expect(&format!("Lom kommune\n\nVedtak i kommunestyret:\n{sentence}"), &[("vedtatt_totalt", "12 Accept"), ("aar", "[2027,2028] Accept")]);
    }
    expect(
        "Lom kommune\n\nVedtak i kommunestyret:\nAnmodningen fra IMDi om bosetting av 12 flyktninger i Lom i løpet av 2027 avslås.",
        &[("vedtatt_totalt", "0 Accept")],
    );
}

#[test]
fn what_sounds_decided_and_is_not_gives_no_number() {
    for text in [
        "Fra: post@imdi.no\nEmne: Bosetting\nDato: 13.11.2026\n\nVi ser at kommunestyret i Lom har vedtatt å bosette 12 flyktninger i 2027. Stemmer det.",
        "Fra: kari@lom.kommune.no\nEmne: Bosetting\nDato: 13.11.2026\n\nJeg regner med at kommunestyret vedtar 12 for 2027, men møtet er 10. desember.",
        "Kommunestyret i Lom vedtok å be IMDi redusere anmodningen fra 20 til 12 flyktninger for 2027.",
        "Kommunestyret i Lom vedtok torsdag å vurdere bosetting av 12 flyktninger i 2027.",
        "Kommunestyret i Lom utsatte torsdag saken om å bosette 12 flyktninger i 2027.",
        "Kommunestyret i Lom skal torsdag stemme over om kommunen skal bosette 12 flyktninger i 2027.",
        "Lom kommune\n\nVedtak i kommunestyret:\nSaken om bosetting av 12 flyktninger i 2027 sendes tilbake til formannskapet.",
        "Lom kommune\n\nVedtak i kommunestyret:\nKommunestyret ber kommunedirektøren utrede om kommunen kan bosette 12 flyktninger i 2027.",
        "Leserinnlegg\n\nKommunestyret i Lom vedtok å bosette 12 flyktninger i 2027. Det er for få.",
    ] {
        assert!(accepted_numbers(&read(text)).is_empty(), "{text}: {:?}", accepted_numbers(&read(text)));
    }
}

#[test]
fn a_number_beside_the_decided_one_is_not_taken_for_it() {
    let decided = |rest: &str| format!("Lom kommune\n\nVedtak i kommunestyret:\nLom kommune bosetter 12 flyktninger i 2027{rest}");
    for rest in [
        ", 10 færre enn i 2026.",
        ", ikke 20 som anmodet.",
        ".\nKommunestyret ber kommunedirektøren vurdere om ytterligere 5 kan bosettes.",
        " fordelt på 4 familier.",
    ] {
        expect(&decided(rest), &[("vedtatt_totalt", "12 Accept"), ("aar", "[2027] Accept")]);
    }
    expect(&decided(" inkl. 5 enslige mindreårige, ingen under 15 år."), &[("vedtatt_em_15_18", "5 Accept"), ("vedtatt_em_under_15", "0 Accept")]);
    // A year's number or the sum of two, one year or the season over two.
    for rest in [" og 2028 til sammen.", " og 2028.", "/2028."] {
        assert!(accepted_numbers(&read(&decided(rest))).is_empty(), "{rest}");
    }
    expect(
        "Kommunestyret i Lom vedtok å redusere bosettingen fra 20 flyktninger i 2026 til 12 i 2027.",
        &[("vedtatt_totalt", "12 Accept"), ("aar", "[2027] Accept")],
    );
}

#[test]
fn money_places_and_outsiders_decide_no_number() {
    for text in [
        "Kommunestyret i Suldal vedtok 18 nye barnehageplassar i 2027 for barn av flyktningar.",
        "Kommunestyret i Suldal vedtok å setje av 1,8 millionar til 18 flyktningar i budsjettet for 2027.",
        "Fra: redaksjonen@avisa.no\nEmne: Spørsmål\nDato: 13.11.2026\n\nKommunestyret i Suldal vedtok å bosette 18 flyktninger i 2027.",
        "Suldal kommune\n\nVedtak i kommunestyret:\nSuldal kommune aukar talet på flyktningar i 2027 med 6.",
    ] {
        assert!(accepted_numbers(&read(text)).is_empty(), "{text}: {:?}", accepted_numbers(&read(text)));
    }
    expect(
        "Talet på flyktningar i Suldal kommune vert 18 i 2027, mot 25 i 2026. Det vedtok kommunestyret tysdag.",
        &[("vedtatt_totalt", "18 Review"), ("aar", "[2027] Review")],
    );
    expect("Suldal kommune busette 25 flyktningar i 2025 og 20 i 2026. For 2027 har kommunestyret vedteke 18.", &[("vedtatt_totalt", "18 Accept")]);
    expect("Suldal kommune\n\nVedtak i kommunestyret:\nKommunen vil i 2027 ta i mot 18 flyktningar.", &[("vedtatt_totalt", "18 Accept")]);
}

#[test]
fn as_many_as_asked_for_and_not_those_who_were_is_for_a_person_to_judge() {
    let text = "IMDi har anmodet Bodø kommune om å bosette 60 flyktninger i 2027, hvorav 5 enslige mindreårige.\n\nVedtak i bystyret:\nBodø kommune bosetter 60 flyktninger i 2027. Enslige mindreårige bosettes ikke.";
    let understood = read(text);
    assert_eq!((json(&understood, "vedtatt_totalt"), decision_of(&understood, "svar")), (60.into(), Decision::Review));
}

#[test]
fn what_was_decided_the_year_before_is_history_though_the_text_is_of_that_year() {
    let letter = |decided: &str| {
        format!(
            "Suldal kommune\n\nDato: 16.11.2026\n\nSvar på anmodning om bosetting av flyktninger i 2027\n\nDet vises til IMDis brev, der kommunen anmodes om å bosette 40 flyktninger i 2027. I 2026 vedtok kommunestyret å bosette 50 flyktninger, og 44 av disse er bosatt.\n\n{decided}"
        )
    };
    expect(
        &letter("Kommunestyret vedtok i møte 12. november 2026 å bosette 35 flyktninger i 2027."),
        &[("vedtatt_totalt", "35 Accept"), ("aar", "[2027] Accept"), ("svar", "\"delvis\" Accept")],
    );
    // Decided in that year for the next.
    expect(
        "Svar på anmodning om bosetting i 2027\n\nI 2026 vedtok kommunestyret i Suldal å bosette 35 flyktninger i 2027.",
        &[("vedtatt_totalt", "35 Review"), ("aar", "[2027] Review")],
    );
}

#[test]
fn a_title_repeats_the_number_and_a_neighbour_has_another() {
    expect(
        "Suldal tek imot 35 flyktningar neste år\n\nSuldal kommune skal ta imot 35 flyktningar i 2027. Det vedtok kommunestyret torsdag.\n\nNabokommunen Sauda har vedteke 20.",
        &[("vedtatt_totalt", "35 Accept"), ("aar", "[2027] Accept"), ("kommune", "\"1134\" Accept")],
    );
    expect("Torsdag sa eit samrøystes kommunestyre i Suldal ja til å ta imot 35 flyktningar i 2027.", &[("vedtatt_totalt", "35 Accept")]);
}

#[test]
fn papers_for_a_meeting_to_come_hold_a_committees_vote_and_no_decision() {
    let proposal = "Innstilling:\nSuldal kommune bosetter 35 flyktninger i 2027.\n\nEnstemmig vedtatt.";
    for head in [
        "Suldal kommune\nMøteinnkalling kommunestyret 12.12.2026",
        "Suldal kommune\nSaksframlegg\n\nBehandles i:\nFormannskapet 03.11.2026\nKommunestyret 12.12.2026",
    ] {
        assert_eq!(codes(&read(&format!("{head}\n\n{proposal}"))).first(), Some(&"no_final_decision"), "{head}");
        // The papers with the council's own part added later.
        let understood = read(&format!("{head}\n\n{proposal}\n\nKommunestyrets vedtak:\nSuldal kommune bosetter 35 flyktninger i 2027."));
        assert_eq!(shown(&understood, "vedtatt_totalt"), "35 Review", "{head}");
    }
    expect(&format!("Suldal kommune\nMøteprotokoll\nKommunestyret 12.11.2026\n\n{proposal}"), &[("vedtatt_totalt", "35 Accept")]);
}

#[test]
fn it_became_so_many_in_the_council() {
    expect("Suldal kommune\n\nDet vart 35 for 2027 i kommunestyret i går.", &[("vedtatt_totalt", "35 Accept"), ("aar", "[2027] Accept")]);
    assert!(accepted_numbers(&read("Suldal kommune\n\nDet vart 14 mot 13 i kommunestyret i går.")).is_empty());
}

#[test]
fn what_was_asked_for_is_not_what_was_decided_however_it_is_put() {
    let refused = read(
        "Det vises til direktoratets anmodning om at Bodø kommune bosetter 90 flyktninger i 2027.\n\
         Bystyret har i møte 12. november 2026 truffet vedtak om at anmodningen for 2027 ikke tas til følge.",
    );
    assert_ne!(shown(&refused, "vedtatt_totalt"), "90 Accept");
    let later = read(
        "Ikkje ei røyst gjekk til oppmodinga om å busetje 18 flyktningar i 2026. Eit samrøystes kommunestyre i Volda svara nei sist veke.\n\
         Ordføraren utelukkar ikkje at Volda kan seia ja att i 2027.",
    );
    assert_ne!(shown(&later, "aar"), "[2027] Accept");
}

#[test]
fn minors_of_an_offer_are_not_those_of_the_decision() {
    expect(
        "Vedtak:\n1. Bodø kommune bosetter 13 flyktninger i 2027, hvorav to enslige mindreårige i alderen 15–18 år.\n\
         2. Dersom behovet øker, kan kommunen bosette 7 flere, hvorav 3 enslige mindreårige.",
        &[
            ("vedtatt_totalt", "13 Accept"),
            ("vedtatt_voksne_familier", "11 Accept"),
            ("vedtatt_em_totalt", "2 Accept"),
            ("vedtatt_em_15_18", "2 Accept"),
            ("vedtatt_em_under_15", "0 Accept"),
        ],
    );
}

#[test]
fn one_minor_may_be_an_article() {
    let text = "Vedtak:\n- Det blir busett seksten personar i Nesbyen kommune i 2027.\n- Av desse kan ein vere einsleg mindreårig (over 15 år, ikkje yngre).";
    expect(text, &[("vedtatt_totalt", "16 Review"), ("vedtatt_em_totalt", "null Review")]);
    expect(
        "Vedtak:\nSuldal kommune buset elleve personar i 2027, av desse tre einslege mindreårige, éin av desse igjen under 15 år.",
        &[("vedtatt_em_totalt", "3 Accept"), ("vedtatt_em_under_15", "1 Accept"), ("vedtatt_em_15_18", "2 Accept")],
    );
}

#[test]
fn who_has_the_power_from_the_council_decides() {
    let delegated = "Formannskapet, som har fullmakt fra kommunestyret til å avgjøre saken, fattet 30.09.2026 i sak 83/26 følgende endelige vedtak:\n\n\
                     Farsund kommune bosetter 38 flyktninger i 2027.";
    expect(delegated, &[("organ", "\"formannskap\" Accept"), ("vedtatt_totalt", "38 Accept")]);
    // A heading that says otherwise is for a person.
    let headed = "Formannskapet avgjer saka endeleg etter fullmakt frå kommunestyret.\n\nVedtak i kommunestyret\n\nKinn kommune buset 16 personar i 2027.";
    expect(headed, &[("organ", "null Review"), ("vedtatt_totalt", "16 Review")]);
    let text = "Merknad: Kommunestyret har 12.12.2025 delegert til formannskapet å ta avgjerda.\n\nVEDTAK i formannskapet:\nHustadvika kommune buset 38 flyktningar i 2027.";
    expect(text, &[("vedtaksdato", "null Empty")]);
}

#[test]
fn a_line_within_a_paragraph_is_no_title() {
    let text = "SENJA, 26. september 2026\n\nKommunestyret i Senja sa onsdag 16. september 2026 ja til å bosette inntil 35 personer neste\når.\n\n\
                Kommunen har bosatt 185 flyktninger siden 2022. Det er 10 ledige barnehageplasser i\nkommunen.";
    let understood = read(text);
    assert_eq!(json(&understood, "aar"), serde_json::json!([2027]), "{:?}", codes(&understood));
    let minutes = "Utval: Kommunestyret\n\nBUSETJING AV FLYKTNINGAR 2027\n\nVurdering\n\nKommunedirektøren har vurdert kapasiteten i skule, barnehage, helseteneste og\n\
                   bustadmarknad.\n\nVedtak\n\nVågå kommune buset inntil 9 personar i 2027.";
    expect(minutes, &[("vedtatt_totalt", "9 Accept"), ("organ", "\"kommunestyre\" Accept")]);
}

#[test]
fn what_was_decided_before_is_left_standing_and_more_people_are_an_addition() {
    expect(
        "Vedtak:\n- Ullensvang kommune imøtekjem ikkje tilleggsoppmodinga frå IMDi.\n- Tidlegare vedtak om busetting av 12 flyktningar i 2026 blir ståande.",
        &[("vedtatt_totalt", "12 Accept")],
    );
    let understood = read("Vedtak:\n1. Luster kommune buset 10 fleire flyktningar i 2026.\n2. Samla buset kommunen då 45 flyktningar i 2026.");
    assert_eq!((json(&understood, "vedtatt_totalt"), json(&understood, "tilleggsvedtak")), (45.into(), 10.into()));
    assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Review);
}

#[test]
fn to_see_to_a_decision_is_no_yes_and_a_number_may_be_asked_for_in_its_own_sentence() {
    expect(
        "Vedtak i kommunestyret:\n1. Målselv kommune bosetter minst 17 personer i 2027.\n2. Rådmannen følger opp vedtaket.",
        &[("svar", "\"ukjent\" Accept")],
    );
    expect(
        "Kommunestyret i Fauske sa 14. oktober 2026 ja til å bosette tjuesju personer i 2027.\n\nI anmodningen fra IMDi var tallet 29.",
        &[("anmodet_totalt", "29 Accept"), ("svar", "\"delvis\" Review")],
    );
}

#[test]
fn a_neighbour_is_asked_for_its_own() {
    let text =
        "Kommunestyret i Trysil vedtok tirsdag å bosette 22 flyktninger i 2027.\n\nNabokommunen Engerdal har ikke behandlet sitt tall ennå, men er bedt om 10.";
    assert_eq!(json(&read(text), "anmodet_totalt"), serde_json::Value::Null);
    // One of two kommuner is not the one of an address.
    let shared = "Herøy kommune\n\nIMDi, postboks 672, 8508 Narvik\n\nVedtak i kommunestyret:\nInntil 33 flyktninger i 2027.";
    expect(shared, &[("kommune", "null Review")]);
}

#[test]
fn a_table_may_be_headed_by_what_its_rows_are() {
    let text = "Vedtak i kommunestyret\n\nOsterøy kommune buset flyktningar i 2027 slik tabellen viser:\n\nGruppe                             Tal 2027\n\
                Einslege vaksne og familiar        17\nEinslege mindreårige 15–18 år      2\nEinslege mindreårige under 15 år   1\nTotalt                             20";
    expect(text, &[("vedtatt_totalt", "20 Accept"), ("vedtatt_voksne_familier", "17 Accept"), ("vedtatt_em_under_15", "1 Accept")]);
}

#[test]
fn a_decision_that_is_said_to_be_final_is_not_unsettled() {
    let decided = "Bodø bystyre vedtok tirsdag å bosette 90 flyktninger i 2027.";
    expect(&format!("{decided} Vedtaket er endelig."), &[("vedtatt_totalt", "90 Accept")]);
    expect(&format!("{decided} Vedtaket er endelig når protokollen er godkjent."), &[("vedtatt_totalt", "90 Review")]);
    expect(&format!("{decided} Det er ikke fattet endelig vedtak om boliger."), &[("vedtatt_totalt", "90 Review")]);
    // Who has the council's power proposes nothing.
    let text = "Formannskapet i Rødøy, som har fått myndighet fra kommunestyret til å avgjøre slike saker, imøtekom 23. januar 2026 anmodningen fra IMDi om å bosette fem flyktninger i 2026.";
    expect(text, &[("vedtatt_totalt", "5 Accept"), ("organ", "\"formannskap\" Accept")]);
    let text = "Formannskapet i Rødøy, som har fått myndighet fra kommunestyret til å avgjøre slike saker, foreslår å bosette fem flyktninger i 2026.";
    assert!(accepted_numbers(&read(text)).is_empty());
}

#[test]
fn what_is_done_is_not_to_come() {
    let decided = "Kommunestyret hadde saken oppe 17.12.2026 og landet på 28 personer i 2027.";
    let late = format!("Stange kommune\n\nDet gikk litt fram og tilbake her, så svaret kommer senere enn vi hadde tenkt.\n\n{decided}");
    expect(&late, &[("vedtatt_totalt", "28 Accept"), ("aar", "[2027] Accept")]);
    let open = format!("Stange kommune\n\nSvaret kommer senere.\n\n{decided}");
    assert!(accepted_numbers(&read(&open)).is_empty());
    let sent_back = "Saken ble vedtatt sendt tilbake, og kommunestyret i Stange behandler den i mars. Antallet er 72 i 2027.";
    assert!(accepted_numbers(&read(sent_back)).is_empty());
}

#[test]
fn a_proposal_with_a_majority_is_adopted() {
    let text = "Rådmannens tall vant fram\n\nKONGSBERG: Da kommunestyret i Kongsberg avgjorde saken onsdag 10. desember 2025, var det rådmannens forslag om 58 flyktninger i 2026 som fikk flertall.";
    let understood = read(text);
    assert_eq!((json(&understood, "vedtatt_totalt"), json(&understood, "aar")), (58.into(), serde_json::json!([2026])), "{:?}", codes(&understood));
    expect("I går ettermiddag godtok kommunestyret i Målselv å bosette 33 flyktninger i 2027, som dere ba om.", &[("vedtatt_totalt", "33 Accept")]);
    expect(
        "Alver kommunestyre vedtok i haust å busette 70 flyktningar i 2027. Åtte av plassane gjeld einslege barn og unge.",
        &[("vedtatt_totalt", "70 Accept"), ("vedtatt_em_totalt", "8 Accept")],
    );
}

#[test]
fn what_a_body_thinks_of_a_case_is_no_decision() {
    let text = "Larvik kommune\nRådet for mangfold og inkludering\n\nTil kommunestyret\n\nUttalelse til sak om bosetting av flyktninger 2027\n\n\
                Rådet behandlet saken i møte 18. november 2026. Rådet vedtok enstemmig følgende uttalelse:\n\n\
                Rådet mener Larvik bør bosette 120 flyktninger i 2027, hvorav 10 enslige mindreårige.";
    let understood = read(text);
    assert!(accepted_numbers(&understood).is_empty());
    assert!(codes(&understood).contains(&"no_final_decision"), "{:?}", codes(&understood));
}

#[test]
fn a_whole_that_a_part_is_taken_of_is_not_counted_again() {
    let text = "Kommunestyret i Sogndal sa 20.11.2026 ja til 28 flyktningar i 2027. Fire av desse plassane er for einslege mindreårige; \
                éin av dei fire kan vere under 15 år, dei andre skal ha fylt 15.";
    let understood = read(text);
    for (field, wrong) in [("vedtatt_em_under_15", 4), ("vedtatt_em_15_18", 0)] {
        assert_ne!(json(&understood, field), wrong, "{field}");
    }
    assert_eq!((json(&understood, "vedtatt_totalt"), json(&understood, "vedtatt_em_totalt")), (28.into(), 4.into()));
}

#[test]
fn what_speaks_against_a_lesser_field_makes_it_wait_and_not_the_number() {
    let decided = "Vedtak:\nGiske kommunestyre vedtok 10.12.2025 å bosette 22 flyktninger i 2026, slik IMDi har bedt om.";
    for (text, expected) in [
        (format!("{decided}\n\nFor to år siden var anmodningen på 60."), ("anmodet_totalt", "60 Review")),
        (format!("{decided}\n\nI 2024 var anmodningen på 60."), ("anmodet_totalt", "60 Review")),
        (format!("{decided}\n\nI 2026 er anmodningen på 22."), ("anmodet_totalt", "22 Accept")),
        (format!("Sak 71/25\n{decided}"), ("saksnummer", "\"71/25\" Accept")),
        (format!("84/25 Bosetting av flyktninger\n\nSaksopplysninger\nBoligene er omtalt i sak 71/25.\n\n{decided}"), ("saksnummer", "\"71/25\" Review")),
    ] {
        expect(&text, &[("vedtatt_totalt", "22 Accept"), expected]);
    }
}

#[test]
fn a_power_the_council_gave_away_leaves_the_body_open() {
    let text = "Delegert vedtak nr. 17/26\n\nKommunestyret delegerte i sak 88/25 til kommunedirektøren å svare på IMDis anmodning for 2026.\n\nVEDTAK\n\
                Horten kommune godtar anmodningen om å bosette 47 flyktninger i 2026.";
    assert_ne!(decision_of(&read(text), "organ"), Decision::Accept);
}
