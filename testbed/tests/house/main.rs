//! The house kept as docs/architecture.md draws it: who knows whom, what is pure, how long files are, what stands twice, and that
//! an item has one public path. In: the workspace's own source and `cargo metadata`. Out: what does not fit, by file and line.
//!
//! Each check is also shown a wrong example, so that it is known to fail. What rustc and clippy can see is theirs: see
//! `[workspace.lints]` and .clippy.toml.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

mod arrows;
mod duplicates;
mod pages;
mod public_paths;
mod purity;
mod sizes;
mod source;
