//! E-mail addresses: the plain form that people write on paper, not the whole of RFC 5322.

/// `text` as an address with a lower-case domain; none when it is no address. White space is not allowed anywhere inside.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    let (local, domain) = text.trim().split_once('@')?;
    let atom = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b));
    let label = |part: &str| {
        !part.is_empty() && part.len() <= 63 && !part.starts_with('-') && !part.ends_with('-') && part.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let domain = domain.to_lowercase();
    let top = domain.rsplit('.').next().unwrap_or_default();
    let sound = local.len() <= 64
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.len() <= 253
        && domain.split('.').all(label)
        && top.len() >= 2
        && top.chars().all(char::is_alphabetic);
    sound.then(|| format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_written() {
        assert_eq!(parse(" Postmottak@Narvik.Kommune.no ").as_deref(), Some("Postmottak@narvik.kommune.no"));
        assert_eq!(parse("a.b-c_d+e@example.org").as_deref(), Some("a.b-c_d+e@example.org"));
    }

    #[test]
    fn what_is_no_address_is_not_made_one() {
        for text in
            ["", "@", "a@b", "a b@example.org", "a@example .org", "a@@example.org", "a.@example.org", "a@-x.no", "a@example.0rg", "a@example..no", "ø@x.no"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
