//! Random bytes for nonces, salts and secrets, from the system's generator.

/// So many random bytes.
///
/// # Panics
/// If the system has no random numbers to give: nothing can be done without them.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
