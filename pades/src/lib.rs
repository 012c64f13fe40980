//! PDF as a signature container: revisions, seals, byte ranges, updates. Pure: CMS is opaque bytes.
