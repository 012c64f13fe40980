//! Where the services are that a seal needs.

/// In whose name requests are sent: the client that faults and the journal of a world know.
pub(crate) const CLIENT: &str = "issuer";

/// How key server and time-stamping authority are reached, and as whom.
#[derive(Clone, Debug)]
pub struct Services {
    /// Base address of the CSC API, such as `http://127.0.0.1:8700/csc/v2`.
    pub key_server: String,
    /// OAuth 2.0 client id.
    pub client_id: String,
    /// OAuth 2.0 client secret.
    pub client_secret: ClientSecret,
    /// Address of the RFC 3161 time-stamping authority.
    pub time_stamping: String,
}

/// A client secret, which no log shows.
#[derive(Clone)]
pub struct ClientSecret(pub String);

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ClientSecret(..)")
    }
}
