//! Random bytes that nobody can foresee, from the operating system.

use anyhow::{Context as _, Result};

pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("could not get random bytes from the operating system")?;
    Ok(bytes)
}
