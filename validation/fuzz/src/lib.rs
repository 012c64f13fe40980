//! What the fuzz targets do with an input: read it, walk all that was read, and state what must hold of it. In: any bytes. Out:
//! nothing, or a panic, which is a finding. Each module is one target; see docs/testing.md, Fuzzing.

#![forbid(unsafe_code)]

pub mod certificate;
pub mod cms;
pub mod crl;
pub mod ocsp;
pub mod pdf;
pub mod reseal;
pub mod tsp;
pub mod world;
