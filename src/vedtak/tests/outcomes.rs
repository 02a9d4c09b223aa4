//! How votes and decisions end, and what is no decision though it looks like one.

use super::*;

/// The number, the years and whether each is accepted, and the findings.
fn outcome(text: &str) -> (String, String, Vec<String>) {
    let understood = read(text);
    let shown = |name: &str| format!("{} {:?}", json(&understood, name), decision_of(&understood, name));
    (shown("vedtatt_totalt"), shown("aar"), understood.findings.iter().map(|finding| finding.code.clone()).collect())
}

#[test]
fn a_proposal_that_won_is_decided_and_one_that_lost_is_not() {
    for text in [
        "Skjåk kommunestyre 12.11.2026\n\nTo framlegg vart sette mot kvarandre i kommunestyret. Til slutt var det framlegget om 58 flyktningar i 2027 som vann fram.",
        "Kommunestyret i Skjåk landet i går på 58 flyktninger i 2027.",
        "Framlegg frå ordføraren, samrøystes vedteke:\nSkjåk kommune buset 58 flyktningar i 2027.\n\nKommunestyret i Skjåk 12.11.2026",
    ] {
        let (total, years, codes) = outcome(text);
        assert!(total.starts_with("58 ") && years.starts_with("[2027] "), "{total} {years} {codes:?}: {text}");
    }
}

#[test]
fn who_decides_by_the_law_on_urgent_matters_or_by_delegation_decides() {
    for text in [
        "Formannskapet i Vang 12.11.2026, hastevedtak etter kommuneloven § 11-8\n\nVedtak:\nVang kommune bosetter 12 flyktninger i 2027.",
        "Kommunestyret har gitt formannskapet avgjørelsesmyndighet i bosettingssaker.\n\nFormannskapets vedtak 12.11.2026:\nVang kommune bosetter 12 flyktninger i 2027.",
    ] {
        let (total, years, codes) = outcome(text);
        assert!(total.starts_with("12 ") && years.starts_with("[2027] "), "{total} {years} {codes:?}: {text}");
    }
}

#[test]
fn what_was_not_voted_on_or_falls_or_is_only_reckoned_with_is_not_accepted() {
    for text in [
        "Molde kommune\nKommunestyret 12.11.2026\n\nVedtak:\n«Molde kommune bosetter 100 flyktninger i 2027» oversendes kommunedirektøren uten realitetsvotering.",
        "Kommunestyret i Sula 12.11.2026\n\nVedtak:\nSula kommune buset 18 flyktningar i 2027.\n\nNeste handsaming: kommunestyret 17.12.2026",
        "Kommunestyret i Ås 12.11.2026\n\nVedtak:\nÅs kommune bosetter 50 flyktninger i 2027.\n\nVedtaket i K-sak 88/25 oppheves.",
        "Kommunestyret i Tokke 12.11.2026\n\nVedtak:\nTokke kommune kan busetje 12 flyktningar i 2027.\n\nTilrådinga vart ikkje teken opp til røysting.",
        "Kommunestyret i Aurland 12.11.2026\n\nVedtak:\nIntegreringstilskotet er budsjettert ut frå at Aurland kommune buset 12 flyktningar i 2027.",
        "Kommunestyret har følgelig ikke bestemt noe.\n\nVedtak:\nHadsel kommune bosetter 42 flyktninger i 2027.",
        "Vedtak i kommunestyret:\nHammerfest kommune sier ja til to flyktninger i 2027.\n\nDe to kommer på toppen av kommunestyrets ordinære vedtak fra februar.",
    ] {
        let (total, _, codes) = outcome(text);
        assert!(total.ends_with("Review") && !codes.is_empty(), "{total} {codes:?}: {text}");
    }
}

#[test]
fn a_label_and_its_number_end_with_their_line() {
    let understood = read(
        "Kommunestyret i Tromsø har 28. oktober 2026 vedtatt å bosette 230 flyktninger i 2027.\n\nFordeling\nEnslige voksne og familier: 205\n\
         Enslige mindreårige 15–18 år: 15\nEnslige mindreårige under 15 år: 10",
    );
    for (name, expected) in [("vedtatt_voksne_familier", 205), ("vedtatt_em_15_18", 15), ("vedtatt_em_under_15", 10), ("vedtatt_em_totalt", 25)] {
        let wrong = decision_of(&understood, name) == Decision::Accept && json(&understood, name) != expected;
        assert!(!wrong, "{name}: {}", json(&understood, name));
    }
}

#[test]
fn the_number_of_a_point_is_no_part_of_those_in_it() {
    let understood = read(
        "Vedtaket i kommunestyret:\n\n1. Suldal kommune bosetter elleve personer i 2027, av disse tre enslige mindreårige, én av disse igjen under 15 år.",
    );
    for (name, expected) in
        [("vedtatt_totalt", 11), ("vedtatt_voksne_familier", 8), ("vedtatt_em_totalt", 3), ("vedtatt_em_under_15", 1), ("vedtatt_em_15_18", 2)]
    {
        assert_eq!(json(&understood, name), expected, "{name}");
    }
}

#[test]
fn where_the_text_speaks_more_of_another_kommune_a_person_says_whose_decision_it_is() {
    let understood = read(
        "Drammen senket sitt tall\n\nDrammen var bedt om 185. I kommunestyret i går ble Drammens tall senket fra 185 til 150 flyktninger for 2027.\n\n\
         Kommunestyret i Lier skal behandle sin anmodning om 60 neste uke.",
    );
    assert_eq!(decision_of(&understood, "kommune"), Decision::Review);
}
