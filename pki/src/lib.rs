//! Bytes to types and back: certificates, CRLs, OCSP, CMS, time-stamps. Pure: no IO, no clock, no HTTP.
