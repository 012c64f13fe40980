//! What a register is sent as: by itself, or with its mapping as a form (RFC 7578).

use bytes::Bytes;

/// Media type and body.
pub(in crate::command) fn body(octets: Bytes, mapping: Option<&Bytes>) -> (String, Bytes) {
    let Some(mapping) = mapping else { return (String::new(), octets) };
    // A boundary that stands in neither (RFC 2046 clause 5.1.1).
    let holds =
        |octets: &[u8], boundary: &str| octets.windows(boundary.len()).any(|window| window == boundary.as_bytes());
    let mut boundary = "eseal-register".to_owned();
    while holds(&octets, &boundary) || holds(mapping, &boundary) {
        boundary.push('-');
    }
    let part = |name: &str, content: &[u8]| {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let end = format!("--{boundary}--\r\n");
    let body = [part("file", &octets), part("mapping", mapping), end.into_bytes()].concat();
    (format!("multipart/form-data; boundary={boundary}"), body.into())
}
