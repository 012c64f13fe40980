//! What a register is sent as: by itself, or as a form (RFC 7578) with its mapping, and with a template that is only tried.

use bytes::Bytes;

/// Media type and body.
pub(in crate::command) fn body(octets: Bytes, mapping: Option<&Bytes>, template: Option<&Bytes>) -> (String, Bytes) {
    let beside: Vec<(&str, &Bytes)> =
        mapping.map(|mapping| ("mapping", mapping)).into_iter().chain(template.map(|one| ("template", one))).collect();
    if beside.is_empty() {
        return (String::new(), octets);
    }
    // A boundary that stands in neither (RFC 2046 clause 5.1.1).
    let holds =
        |octets: &[u8], boundary: &str| octets.windows(boundary.len()).any(|window| window == boundary.as_bytes());
    let mut boundary = "eseal-register".to_owned();
    while holds(&octets, &boundary) || beside.iter().any(|(_, octets)| holds(octets, &boundary)) {
        boundary.push('-');
    }
    let part = |name: &str, content: &[u8]| {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let end = format!("--{boundary}--\r\n");
    let parts = std::iter::once(part("file", &octets)).chain(beside.iter().map(|(name, octets)| part(name, octets)));
    let body = parts.chain([end.into_bytes()]).collect::<Vec<_>>().concat();
    (format!("multipart/form-data; boundary={boundary}"), body.into())
}
