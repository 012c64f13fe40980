//! The key server: keys, credentials, authorization, CSC API.
