//! What the vault lends to other rooms, so that `ring` is named here alone: the machine's randomness and SHA-256.

use ring::{digest, rand};

use crate::clock::Entropy;
use crate::document::Digest;

/// The machine's own randomness (the system call `getrandom`). It panics when the system cannot deliver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::SecureRandom::fill(&rand::SystemRandom::new(), buffer).expect("the system gives random bytes; without them no key may be made");
    }
}

/// SHA-256 of bytes as they come.
#[derive(Clone)]
pub struct Hasher(digest::Context);

impl Hasher {
    /// Begins.
    #[must_use]
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes"))
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 examples: the empty message, "abc", and the message of two blocks.
    #[test]
    fn sha_256_gives_the_published_answers_however_the_bytes_come() {
        let cases = [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        ];
        for (message, expected) in cases {
            let mut whole = Hasher::new();
            whole.update(message.as_bytes());
            assert_eq!(whole.finish().to_string(), expected);
            let mut bytewise = Hasher::new();
            message.as_bytes().chunks(1).for_each(|byte| bytewise.update(byte));
            assert_eq!(bytewise.finish().to_string(), expected);
        }
    }

    /// Not a test of its quality, which is the kernel's, but that it fills the whole of what it is given.
    #[test]
    fn the_machines_randomness_fills_the_buffer() {
        let mut buffer = [0; 4096];
        SystemEntropy.fill(&mut buffer);
        assert!(buffer.chunks(64).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
