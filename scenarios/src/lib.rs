//! Stories about seals as executable tests.
