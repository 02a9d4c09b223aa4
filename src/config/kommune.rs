//! `[kommune.NNNN]`: the register of kommuner as an office keeps it, with how to reach each of them.

use serde::Deserialize;

use super::{ConfigError, checked_address, is_domain, wrong};
use crate::registry::kommuner;

/// What is known of a kommune beside the public register, which has its name and organisation number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KommuneContact {
    /// The e-mail address of its postmottak: letters go there.
    pub epost: String,
    /// The language it wants letters in: `nb` or `nn`. None for the language of its own letter.
    pub maalform: Option<String>,
    /// Street or box, postal code and place, for the address block.
    #[serde(default)]
    pub adresse: Vec<String>,
    /// The domains that its mail comes from; without them that of `epost`.
    #[serde(default)]
    pub domener: Vec<String>,
    /// The office that works with refugees: for the people who call, letters go to the postmottak.
    pub flyktningkontor: Option<Flyktningkontor>,
}

/// A kommune's office for refugees.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flyktningkontor {
    /// What it is called.
    pub avdeling: String,
    /// Its e-mail address.
    pub epost: Option<String>,
    /// Its telephone number.
    pub telefon: Option<String>,
}

impl KommuneContact {
    /// The domains that its mail comes from, in lower case.
    #[must_use]
    pub fn domains(&self) -> Vec<String> {
        let own = self.epost.rsplit_once('@').map(|(_, domain)| domain).filter(|_| self.domener.is_empty());
        self.domener.iter().map(String::as_str).chain(own).map(str::to_lowercase).collect()
    }
}

pub(super) fn check(number: &str, kommune: &KommuneContact) -> Result<(), ConfigError> {
    let key = format!("kommune.{number}");
    if kommuner::by_number(number).is_none() {
        return Err(wrong(key, format!("`{number}` is no kommunenummer of 2024"), "use the four digits of the kommune, such as 0301"));
    }
    checked_address(&format!("{key}.epost"), kommune.epost.clone())?;
    if let Some(domain) = kommune.domener.iter().find(|domain| !is_domain(domain) || !domain.contains('.') || domain.eq_ignore_ascii_case("kommune.no")) {
        let message = format!("`{}` is no domain of one kommune", domain.escape_debug());
        return Err(wrong(format!("{key}.domener"), message, "write the domains that its mail comes from, as in \"lunner.kommune.no\""));
    }
    if let Some(epost) = kommune.flyktningkontor.as_ref().and_then(|office| office.epost.clone()) {
        checked_address(&format!("{key}.flyktningkontor.epost"), epost)?;
    }
    match kommune.maalform.as_deref() {
        None | Some("nb" | "nn") => Ok(()),
        Some(other) => Err(wrong(format!("{key}.maalform"), format!("`{other}` is no målform"), "write nb or nn, or leave the key out")),
    }
}
