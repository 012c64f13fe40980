//! Just enough DER to take a message apart and put it together again with a part changed. In: bytes that this project wrote.

/// The elements that stand one after another in `bytes`, each with its tag and length; `None` if they do not fill it.
pub(super) fn elements(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (header, length) = header(bytes)?;
        let element = bytes.get(..header + length)?;
        all.push(element.to_vec());
        bytes = &bytes[element.len()..];
    }
    Some(all)
}

/// What stands inside the element that `bytes` begin with.
pub(super) fn inside(bytes: &[u8]) -> Option<&[u8]> {
    let (header, length) = header(bytes)?;
    bytes.get(header..header + length)
}

fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? {
        short @ 0..=0x7f => Some((2, usize::from(short))),
        long @ 0x81..=0x84 => {
            let octets = bytes.get(2..2 + usize::from(long & 0x7f))?;
            let length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
            Some((2 + octets.len(), length))
        }
        _ => None,
    }
}

/// An element around those parts.
pub(super) fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    if content.len() < 0x80 {
        out.push(content.len() as u8);
    } else {
        let octets: Vec<u8> = content.len().to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
        out.push(0x80 | octets.len() as u8);
        out.extend(octets);
    }
    out.extend(content);
    out
}

/// The element of the tag that `bytes` begin with, with its parts changed.
pub(super) fn edited(bytes: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>) -> Option<()>) -> Option<Vec<u8>> {
    let mut parts = elements(inside(bytes)?)?;
    change(&mut parts)?;
    Some(element(*bytes.first()?, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_apart_is_put_together_again() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let inner = element(0x04, &[vec![7; length]]);
            let outer = element(0x30, &[inner.clone(), element(0x05, &[])]);
            assert_eq!(edited(&outer, |_| Some(())), Some(outer.clone()));
            assert_eq!(elements(inside(&outer).unwrap()).unwrap(), [inner, vec![5, 0]]);
        }
        assert_eq!(elements(&[0x30, 5, 0]), None);
    }
}
