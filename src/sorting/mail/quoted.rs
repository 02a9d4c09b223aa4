//! Where the thread below an answer begins.

/// The words that the sender wrote: those above the quoted thread, or below it where the mail begins with lines of `>`.
#[must_use]
pub fn own_words(text: &str) -> &str {
    let text = below_quotes(text);
    let lines = Lines::of(text);
    let cut = (0..lines.0.len()).find(|&at| lines.begins_thread(at)).map_or(text.len(), |at| lines.0[at].0);
    // Outlook draws a line above the thread.
    text[..cut].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '_'))
}

/// What stands below the quotes that a text begins with; all of it when it does not, or when nothing does.
fn below_quotes(text: &str) -> &str {
    let lines = Lines::of(text);
    let is_blank = |line: &str| line.trim().is_empty();
    let first = lines.0.iter().position(|(_, line)| !is_blank(line)).unwrap_or(0);
    let Some(quote) = (first..lines.0.len().min(first + INTRODUCTION_LINES_MAX)).find(|&at| lines.is_quote(at)) else { return text };
    if quote > first && !lines.introduces(first) {
        return text;
    }
    let after = (quote..lines.0.len()).find(|&at| !lines.is_quote(at) && !is_blank(lines.0[at].1));
    after.map_or(text, |at| &text[lines.0[at].0..])
}

/// The lines of a text, each with the byte it begins at.
struct Lines<'t>(Vec<(usize, &'t str)>);

/// `On Monday, 1 December 2025, IMDi <post@imdi.no> wrote:` may be broken so often, and one more for an empty line.
const INTRODUCTION_LINES_MAX: usize = 4;
/// The lines of a head above a forwarded or answered mail.
const HEAD_LINES_MAX: usize = 7;

const SENDERS: [&str; 3] = ["fra:", "frå:", "from:"];
/// The other lines of such a head, in both written languages and in English.
const OTHERS: [&[&str]; 4] = [&["sendt:", "sent:", "dato:", "date:"], &["til:", "to:"], &["emne:", "subject:"], &["kopi:", "cc:"]];
const RULES: [&str; 5] = ["opprinnelig", "opphavleg", "original", "videresend", "vidaresend"];
const BEGINNINGS: [&str; 4] = ["begin forwarded message:", "videresendt melding:", "vidaresend melding:", "start på videresendt melding:"];
/// How a line begins that says when the quoted mail was written.
const DAYS: [&str; 13] = ["den ", "på ", "on ", "man", "mån", "tir", "tys", "ons", "tor", "fre", "lau", "søn", "sun"];

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let mut at = 0;
        let mut lines = Vec::new();
        for line in text.split_inclusive('\n') {
            lines.push((at, line));
            at += line.len();
        }
        Self(lines)
    }

    /// A line without the marks that mail programs set around the names of a head, in lower case.
    fn bare(&self, at: usize) -> String {
        let line = self.0.get(at).map_or("", |(_, line)| *line);
        line.trim().trim_start_matches(['*', '_', ' ']).replace(":*", ":").to_lowercase()
    }

    fn is_quote(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|(_, line)| line.trim_start().starts_with('>'))
    }

    fn begins_thread(&self, at: usize) -> bool {
        self.is_quote(at) || self.is_rule(at) || self.is_head(at) || self.introduces(at)
    }

    /// `-----Opprinnelig melding-----`
    fn is_rule(&self, at: usize) -> bool {
        let line = self.bare(at);
        let drawn = line.starts_with("--")
            && (line.contains("melding") || line.contains("message"))
            && RULES.iter().chain(&["forwarded"]).any(|word| line.contains(word));
        drawn || BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
    }

    /// `Fra:`, with two of `Sendt:`, `Til:`, `Emne:` and `Kopi:` in the lines that follow, or in the same line where a program joined them.
    fn is_head(&self, at: usize) -> bool {
        let first = self.bare(at);
        if !SENDERS.iter().any(|name| first.starts_with(name)) {
            return false;
        }
        let below: Vec<String> = (at + 1..at + HEAD_LINES_MAX).map(|at| self.bare(at)).collect();
        let named = |names: &&&[&str]| names.iter().any(|name| first.contains(&format!(" {name}")) || below.iter().any(|line| line.starts_with(name)));
        OTHERS.iter().filter(named).count() >= 2
    }

    /// `Den 1. desember 2025 kl. 10:04 skrev IMDi <post@imdi.no>:`. The sender may write so too (`Den 3. mars 2026 skrev vi at:`): then there is neither an
    /// address nor an hour, and no quote follows.
    fn introduces(&self, at: usize) -> bool {
        let start = self.bare(at);
        if !(DAYS.iter().any(|day| start.starts_with(day)) || start.starts_with(|c: char| c.is_ascii_digit())) {
            return false;
        }
        let Some(last) = (at..at + INTRODUCTION_LINES_MAX - 1).find(|&at| self.bare(at).ends_with(':')) else { return false };
        let whole = (at..=last).map(|at| self.bare(at)).collect::<Vec<_>>().join(" ");
        let wrote = whole.contains(" skrev ") || whole.ends_with(" skrev:") || whole.ends_with(" wrote:");
        let next = (last + 1..last + INTRODUCTION_LINES_MAX).find(|&at| !self.bare(at).is_empty());
        wrote && whole.contains(|c: char| c.is_ascii_digit()) && (whole.contains('@') || has_hour(&whole) || next.is_some_and(|at| self.is_quote(at)))
    }
}

/// Whether a time of the day is named: `10:04`, `kl. 10.04`.
fn has_hour(line: &str) -> bool {
    line.contains("kl.")
        || line.contains("kl ")
        || line.as_bytes().windows(3).any(|three| three[0].is_ascii_digit() && three[1] == b':' && three[2].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_thread_begins_as_mail_programs_begin_it() {
        for thread in [
            "Fra: IMDi <post@imdi.no>\nSendt: mandag 1. desember 2025 10:04\nTil: Testvik\nEmne: Anmodning\n\nHei",
            "*Frå:* IMDi\n*Dato:* 1. desember 2025\n*Til:* Testvik\n*Emne:* Oppmoding\n",
            "From: IMDi\nSent: Monday\nTo: Me\nSubject: Letter\n\nDear",
            "Fra: IMDi Sendt: mandag 1. desember Til: Testvik Emne: Anmodning Hei",
            "________________________________\nFra: IMDi\nSendt: mandag\nTil: Testvik\nEmne: Anmodning\n",
            "-----Opprinnelig melding-----\nFra: IMDi",
            "----- Opphavleg melding -----\nHei",
            "-----Original Message-----\nHello",
            "---------- Forwarded message ---------\nFrom: IMDi",
            "On Mon, 1 Dec 2025 at 10:04, IMDi <post@imdi.no> wrote:\n> Dear",
            "On Mon, 1 Dec 2025 at 10:04, IMDi\n<post@imdi.no> wrote:\n\nDear",
            "Den 1. desember 2025 kl. 10:04 skrev IMDi <post@imdi.no>:\n\nHei",
            "man. 1. des. 2025 kl. 10:04 skrev IMDi <post@imdi.no>:\n> Hei",
            "måndag 1. desember 2025 skreiv eg ikkje\n> Hei",
            "> Hei",
        ] {
            let own = own_words(&format!("Takk for svaret.\n\n{thread}")).to_owned();
            assert!(own.starts_with("Takk for svaret.") && own.len() < 60, "{thread}\n{own}");
        }
    }

    #[test]
    fn what_only_looks_like_a_thread_is_the_senders() {
        for text in [
            "Hei.\nFra: 1. mars\nTil: 1. juni\nhar vi ledig bolig.",
            "Den 3. mars 2026 skrev vi til dere:\nVi bosetter ti.",
            "On Monday I wrote:\nplease help",
            "Jeg fikk brevet fra: IMDi\nHei",
            "-- \nOriginal Testesen",
            "",
        ] {
            assert_eq!(own_words(text), text.trim_end(), "{text}");
        }
    }

    #[test]
    fn an_answer_below_the_quote_is_found() {
        assert_eq!(own_words("On Mon, 1 Dec 2025 at 10:04, IMDi <post@imdi.no> wrote:\n> Dear\n>\n> Bye\n\nI say no.\n"), "I say no.");
        assert_eq!(own_words("> Hei\nNei takk.\n> Ha det\n"), "Nei takk.");
        assert_eq!(own_words("> Hei\n> Ha det\n"), "");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|\n|>|Fra:|Til:|Emne:|Den 1|skrev | kl\\.|:|--melding original){0,60}") {
            let own = own_words(&text);
            prop_assert!(text.contains(own));
        }
    }
}
