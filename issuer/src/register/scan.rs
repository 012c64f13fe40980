//! Where JSON values begin and end, without reading them. In: a text. Out: the values of an array, or those one after the other, each with
//! its line; so that a register of any length is read row by row, and a row that is no JSON leaves the others alone.

/// A value of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Its line, from 1.
    pub(super) line: u64,
    /// Its octets.
    pub(super) begin: usize,
    pub(super) end: usize,
}

/// Why an array does not go on as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// There is neither a comma nor its end, or something behind its end.
    Off(u64),
    /// A comma with nothing behind it, in that line.
    Comma(u64),
}

/// Goes through a text value by value.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    at: usize,
    line: u64,
    array: bool,
    over: bool,
    /// The line of the comma before the value.
    comma: Option<u64>,
}

impl Scan {
    /// Of the values of the array that the text is, or of those that stand one after the other.
    pub(super) fn new(text: &str) -> Scan {
        let mut scan = Scan { at: 0, line: 1, array: false, over: false, comma: None };
        scan.skip(text.as_bytes(), |octet| octet.is_ascii_whitespace());
        if text.as_bytes().get(scan.at) == Some(&b'[') {
            scan.array = true;
            scan.at += 1;
        }
        scan
    }

    /// The next value; or where the array does not go on as one.
    pub(super) fn next(&mut self, text: &str) -> Option<Result<Value, Broken>> {
        if self.over {
            return None;
        }
        let octets = text.as_bytes();
        self.skip(octets, |octet| octet.is_ascii_whitespace());
        let Some(first) = octets.get(self.at) else {
            self.over = true;
            return self.array.then_some(Err(Broken::Off(self.line)));
        };
        if self.array && *first == b']' {
            self.over = true;
            if let Some(line) = self.comma {
                return Some(Err(Broken::Comma(line)));
            }
            self.at += 1;
            self.skip(octets, |octet| octet.is_ascii_whitespace());
            return (self.at < octets.len()).then_some(Err(Broken::Off(self.line)));
        }
        let (line, begin) = (self.line, self.at);
        self.value(octets);
        let end = self.at;
        if self.array {
            self.skip(octets, |octet| octet.is_ascii_whitespace());
            match octets.get(self.at) {
                Some(b',') => {
                    self.comma = Some(self.line);
                    self.at += 1;
                }
                Some(b']') => self.comma = None,
                _ => {
                    self.over = true;
                    return Some(Err(Broken::Off(self.line)));
                }
            }
        }
        Some(Ok(Value { line, begin, end }))
    }

    fn skip(&mut self, octets: &[u8], passes: impl Fn(u8) -> bool) {
        while let Some(octet) = octets.get(self.at).filter(|octet| passes(**octet)) {
            self.line += u64::from(*octet == b'\n');
            self.at += 1;
        }
    }

    /// Over one value: to the end of its braces, its quotation marks or its word.
    fn value(&mut self, octets: &[u8]) {
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        while let Some(octet) = octets.get(self.at) {
            let ends_before =
                depth == 0 && !quoted && matches!(octet, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
            if ends_before {
                // What nobody opened is passed over with what stands before it, so that there is always a next value.
                self.at += usize::from(!self.array && matches!(octet, b',' | b']' | b'}'));
                return;
            }
            self.line += u64::from(*octet == b'\n');
            self.at += 1;
            match octet {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth -= 1,
                _ => continue,
            }
            if depth == 0 && !quoted && !escaped {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<Result<(u64, &str), Broken>> {
        let mut scan = Scan::new(text);
        std::iter::from_fn(|| scan.next(text)).map(|one| one.map(|one| (one.line, &text[one.begin..one.end]))).collect()
    }

    #[test]
    fn the_values_of_an_array_are_told_apart_and_have_their_lines() {
        let text = "[ {\"a\": \"]}\\\"\"},\n{\"b\": [1, {\"c\": 2}]} , 7\n]\n";
        assert_eq!(values(text), [Ok((1, "{\"a\": \"]}\\\"\"}")), Ok((2, "{\"b\": [1, {\"c\": 2}]}")), Ok((2, "7"))]);
        assert_eq!(values("[]"), []);
        assert_eq!(values("{\"a\":\n1}\n{\"b\": 2}"), [Ok((1, "{\"a\":\n1}")), Ok((3, "{\"b\": 2}"))]);
    }

    #[test]
    fn an_array_that_does_not_end_or_goes_on_after_its_end_is_told_with_its_line() {
        assert_eq!(values("[1,\n2\n"), [Ok((1, "1")), Err(Broken::Off(3))]);
        assert_eq!(values("[1]\nx"), [Ok((1, "1")), Err(Broken::Off(2))]);
        assert_eq!(values("[1,\n2,\n]"), [Ok((1, "1")), Ok((2, "2")), Err(Broken::Comma(2))]);
        assert_eq!(values("[{\"a\": 1}\n{\"b\": 1}]"), [Err(Broken::Off(2))]);
    }
}
