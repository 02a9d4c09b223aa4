//! What stands in the letterhead and under the letter: the office's own facts, from the configuration.
//!
//! The directorate's addresses have changed (Postboks 212 Sentrum in Oslo, later Postboks 672 in Narvik), and will again.

use serde::Deserialize;

use super::Language;

/// The sender of all letters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// `Integrerings- og mangfoldsdirektoratet`.
    pub name: String,
    /// The name in nynorsk; the bokmål name when it has none.
    #[serde(default)]
    pub name_nynorsk: Option<String>,
    /// `IMDi`.
    pub short_name: String,
    /// `Postboks 672, 8508 Narvik`.
    pub postal_address: String,
    /// `Tollbugata 20, Oslo`.
    #[serde(default)]
    pub visiting_address: Option<String>,
    /// `40 00 19 60`.
    pub phone: String,
    /// `kl. 9–14`.
    #[serde(default)]
    pub phone_hours: Option<String>,
    /// Where answers go: `post@imdi.no`.
    pub email: String,
    /// `987 879 696`.
    pub organisation_number: String,
    /// `www.imdi.no`.
    #[serde(default)]
    pub website: Option<String>,
    /// Who signs, at most two.
    #[serde(default)]
    pub signers: Vec<Signer>,
    /// The number of the year's first case: above those that another system hands out. 1 unless said.
    #[serde(default = "one")]
    pub first_case_number: u32,
}

fn one() -> u32 {
    1
}

/// Who a letter is signed by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// Name.
    pub name: String,
    /// `avdelingsdirektør`.
    pub title: String,
}

/// An office that cannot be written on a letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}\n{advice}")]
pub struct OfficeError {
    /// The field, `office.phone`.
    pub field: String,
    /// What is wrong with it.
    pub why: String,
    /// What to write instead.
    pub advice: &'static str,
}

/// No field of the letterhead is longer than this many characters.
const FIELD_MAX: usize = 100;
const SIGNERS_MAX: usize = 2;

impl Office {
    /// Checks every field: filled in, one line, not too long.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn check(&self) -> Result<(), OfficeError> {
        let must = [
            ("name", &self.name, "the directorate's full name, as in `Integrerings- og mangfoldsdirektoratet`"),
            ("short_name", &self.short_name, "the short name, as in `IMDi`"),
            ("postal_address", &self.postal_address, "the postal address on one line, as in `Postboks 672, 8508 Narvik`"),
            ("phone", &self.phone, "the telephone number, as in `40 00 19 60`"),
            ("email", &self.email, "the address for answers, as in `post@imdi.no`"),
            ("organisation_number", &self.organisation_number, "nine digits, as in `987 879 696`"),
        ];
        for (field, value, advice) in must {
            line(format!("office.{field}"), value, advice)?;
        }
        let may = [
            ("name_nynorsk", &self.name_nynorsk),
            ("visiting_address", &self.visiting_address),
            ("phone_hours", &self.phone_hours),
            ("website", &self.website),
        ];
        for (field, value) in may {
            value.as_ref().map_or(Ok(()), |value| line(format!("office.{field}"), value, "write it on one line, or leave it out"))?;
        }
        if self.organisation_number.chars().filter(char::is_ascii_digit).count() != 9 {
            let why = "an organisation number has nine digits".to_owned();
            return Err(OfficeError { field: "office.organisation_number".into(), why, advice: "write it as `987 879 696`" });
        }
        if self.signers.len() > SIGNERS_MAX {
            let why = format!("{} signers; the limit is {SIGNERS_MAX}", self.signers.len());
            return Err(OfficeError { field: "office.signers".into(), why, advice: "name one or two who sign" });
        }
        for (index, signer) in self.signers.iter().enumerate() {
            line(format!("office.signers[{index}].name"), &signer.name, "the name of the one who signs")?;
            line(format!("office.signers[{index}].title"), &signer.title, "the title of the one who signs, as in `seksjonsleder`")?;
        }
        if self.first_case_number == 0 {
            return Err(OfficeError { field: "office.first_case_number".into(), why: "0 is not a case number".into(), advice: "write 1 or more" });
        }
        Ok(())
    }

    /// The office's name in a language.
    #[must_use]
    pub fn name_in(&self, language: Language) -> &str {
        match (language, &self.name_nynorsk) {
            (Language::Nynorsk, Some(name)) => name,
            _ => &self.name,
        }
    }

    /// The small lines of the letterhead.
    pub(super) fn letterhead_lines(&self) -> Vec<String> {
        let joined = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join("  |  ");
        let hours = self.phone_hours.as_ref().map_or_else(String::new, |hours| format!(" ({hours})"));
        vec![
            joined(vec![
                Some(self.postal_address.clone()),
                self.visiting_address.as_ref().map(|address| format!("Besøk: {address}")),
                Some(format!("Telefon: {}{hours}", self.phone)),
            ]),
            joined(vec![Some(format!("E-post: {}", self.email)), Some(format!("Organisasjonsnummer: {}", self.organisation_number)), self.website.clone()]),
        ]
    }
}

fn line(field: String, value: &str, advice: &'static str) -> Result<(), OfficeError> {
    let length = value.chars().count();
    let why = if value.trim().is_empty() {
        "it is empty".to_owned()
    } else if value.chars().any(char::is_control) {
        "it has a line feed or control character".to_owned()
    } else if length > FIELD_MAX {
        format!("it has {length} characters; the limit is {FIELD_MAX}")
    } else {
        return Ok(());
    };
    Err(OfficeError { field, why, advice })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An office with invented people.
    pub fn office() -> Office {
        Office {
            name: "Integrerings- og mangfoldsdirektoratet".into(),
            name_nynorsk: Some("Integrerings- og mangfaldsdirektoratet".into()),
            short_name: "IMDi".into(),
            postal_address: "Postboks 672, 8508 Narvik".into(),
            visiting_address: None,
            phone: "40 00 19 60".into(),
            phone_hours: Some("kl. 9–14".into()),
            email: "post@imdi.no".into(),
            organisation_number: "987 879 696".into(),
            website: Some("www.imdi.no".into()),
            signers: vec![Signer { name: "Ågot Sjøvær".into(), title: "seksjonsleder".into() }],
            first_case_number: 1,
        }
    }

    #[test]
    fn a_wrong_field_is_named_with_advice() {
        assert_eq!(office().check(), Ok(()));
        let mut empty = office();
        empty.phone = " ".into();
        assert_eq!(empty.check().unwrap_err().to_string(), "office.phone: it is empty\nthe telephone number, as in `40 00 19 60`");
        let mut injected = office();
        injected.signers[0].title = "leder\n# Ny tittel".into();
        assert!(injected.check().unwrap_err().to_string().starts_with("office.signers[0].title: it has a line feed"));
        let mut short = office();
        short.organisation_number = "987 879".into();
        assert_eq!(short.check().unwrap_err().field, "office.organisation_number");
        let mut crowd = office();
        crowd.signers = vec![crowd.signers[0].clone(); 3];
        assert_eq!(crowd.check().unwrap_err().why, "3 signers; the limit is 2");
        let mut zero = office();
        zero.first_case_number = 0;
        assert_eq!(zero.check().unwrap_err().field, "office.first_case_number");
    }

    #[test]
    fn the_letterhead_leaves_out_what_is_not_configured() {
        let lines = office().letterhead_lines();
        assert_eq!(
            lines,
            ["Postboks 672, 8508 Narvik  |  Telefon: 40 00 19 60 (kl. 9–14)", "E-post: post@imdi.no  |  Organisasjonsnummer: 987 879 696  |  www.imdi.no"]
        );
    }
}
