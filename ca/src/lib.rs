//! Certification authority: hierarchy, profiles, revocation facts, CRL, OCSP, AIA.
