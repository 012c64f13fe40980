//! The physical limit: signatures a second of one processor, as `openssl speed` measures them.

use std::process::Command;

use anyhow::{Context, Result};

/// What a case is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// ECDSA on P-256.
    P256,
    /// RSA-2048.
    Rsa2048,
}

/// Signatures a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    p256: f64,
    rsa2048: f64,
}

impl Limit {
    /// Measures both for a second each. Processor seconds count, so that a busy neighbour disturbs this less than the case.
    pub(crate) fn measure() -> Result<Limit> {
        let output = Command::new("openssl").args(["speed", "-seconds", "1", "ecdsap256", "rsa2048"]).output();
        let output = output.context("openssl is needed, to measure beside it")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = |line| per_second(&text, line).with_context(|| format!("openssl speed told nothing of {line:?}"));
        Ok(Limit { p256: found("ecdsa (nistp256)")?, rsa2048: found("rsa 2048 bits")? })
    }

    /// The mean of two.
    pub(crate) fn and(&self, other: &Limit) -> Limit {
        Limit { p256: (self.p256 + other.p256) / 2.0, rsa2048: (self.rsa2048 + other.rsa2048) / 2.0 }
    }

    pub(crate) fn of(&self, beside: Beside) -> f64 {
        match beside {
            Beside::P256 => self.p256,
            Beside::Rsa2048 => self.rsa2048,
        }
    }
}

/// A line ends with signatures and verifications a second.
fn per_second(text: &str, line: &str) -> Option<f64> {
    let line = text.lines().rev().find(|found| found.contains(line))?;
    line.split_whitespace().rev().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_openssl_speed_is_read() {
        let text = "                  sign    verify    sign/s verify/s\n\
                    rsa 2048 bits 0.000264s 0.000008s   3784.0 127105.0\n\
                    \x20                             sign    verify    sign/s verify/s\n\
                    \x20256 bits ecdsa (nistp256)   0.0000s   0.0001s  45302.0  15602.0\n";
        assert_eq!(per_second(text, "ecdsa (nistp256)"), Some(45302.0));
        assert_eq!(per_second(text, "rsa 2048 bits"), Some(3784.0));
        assert_eq!(per_second(text, "ed25519"), None);
    }
}
