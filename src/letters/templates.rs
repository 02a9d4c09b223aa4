//! From what a letter speaks of to its filled-in template.

use super::LetterError;
use super::markup::{self, Note, Written};

/// A filled-in template, with the name that its faults are told by.
pub(super) struct Filled {
    pub(super) template: &'static str,
    pub(super) text: String,
}

impl Filled {
    /// Reads it as a letter.
    pub(super) fn letter(&self) -> Result<Written, LetterError> {
        markup::read(&self.text).map_err(|fault| self.fault(fault))
    }

    /// Reads it as an e-mail that carries no letter.
    pub(super) fn note(&self) -> Result<Note, LetterError> {
        markup::read_note(&self.text).map_err(|fault| self.fault(fault))
    }

    fn fault(&self, (line, why): markup::Fault) -> LetterError {
        LetterError::Markup { template: self.template, line, why }
    }
}

/// The two templates of a view, one a language, and `fill`, which fills in the one asked for. A template names the fields of the view.
macro_rules! templates {
    ($view:ident, $bokmaal:tt, $nynorsk:tt) => {
        #[derive(askama::Template)]
        #[template(path = $bokmaal, config = "src/letters/askama.toml")]
        struct Bokmaal<'a>(&'a $view<'a>);

        #[derive(askama::Template)]
        #[template(path = $nynorsk, config = "src/letters/askama.toml")]
        struct Nynorsk<'a>(&'a $view<'a>);

        impl<'a> std::ops::Deref for Bokmaal<'a> {
            type Target = $view<'a>;

            fn deref(&self) -> &$view<'a> {
                self.0
            }
        }

        impl<'a> std::ops::Deref for Nynorsk<'a> {
            type Target = $view<'a>;

            fn deref(&self) -> &$view<'a> {
                self.0
            }
        }

        impl $view<'_> {
            fn fill(&self, language: $crate::letters::Language) -> Result<$crate::letters::templates::Filled, $crate::letters::LetterError> {
                use askama::Template as _;
                let (template, rendered) = match language {
                    $crate::letters::Language::Bokmaal => ($bokmaal, Bokmaal(self).render()),
                    $crate::letters::Language::Nynorsk => ($nynorsk, Nynorsk(self).render()),
                };
                match rendered {
                    Ok(text) => Ok($crate::letters::templates::Filled { template, text }),
                    Err(source) => Err($crate::letters::LetterError::Template { template, source }),
                }
            }
        }
    };
}

pub(super) use templates;
