//! Benchmarks against the physical limit.
