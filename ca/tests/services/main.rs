//! The CA as its clients meet it: a world with a fixed clock, requests through the router, answers read back by `pki` and
//! by OpenSSL.

#[cfg(test)]
mod authorities;
#[cfg(test)]
mod crl;
#[cfg(test)]
mod description;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hierarchy;
#[cfg(test)]
mod key_server;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod malformation;
#[cfg(test)]
mod ocsp;
#[cfg(test)]
mod openssl;
#[cfg(test)]
mod openssl_authorities;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod upgrade;
