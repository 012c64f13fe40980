//! The signs of a number format. In: its text. Out: its sections (positive, negative, zero, text), each as tokens.

/// A section.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Section(pub(super) Vec<Token>);

/// What stands in a section.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// The number as it comes.
    General,
    /// The text as it is.
    Text,
    /// Something that stands there.
    Literal(String),
    /// Room for a digit: `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+` and `E-`: whether the sign is always shown.
    Exponent(bool),
    /// A part of a day or time, and how often its letter stands there: y, e, g, m, d, a, h, s.
    Part(char, usize),
    /// Hours, minutes or seconds without an end: `[h]`.
    Elapsed(char, usize),
    /// `AM/PM`, or `A/P`.
    HalfOfDay(bool),
    /// Years are counted in another way than usual.
    Years(Years),
}

/// How years are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Years {
    /// Within eras, also by `y`, as LibreOffice writes it.
    pub(super) of_era: bool,
    /// The first of an era is 元.
    pub(super) first_named: bool,
}

/// Bracketed colours (clause 18.8.31), also as Japanese Excel writes them.
const COLOURS: [&str; 16] = [
    "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow", "黒", "青", "水", "緑", "紫", "赤", "白",
    "黄",
];

/// Signs that stand for themselves (clause 18.8.31).
const PLAIN: &str = "$-+/():!^&'~{}<>= ";

impl Section {
    pub(super) fn is_elapsed(&self) -> bool {
        self.0.iter().any(|token| matches!(token, Token::Elapsed(..)))
    }

    pub(super) fn is_moment(&self) -> bool {
        self.0.iter().any(|token| matches!(token, Token::Part(..) | Token::HalfOfDay(_)))
    }
}

impl Token {
    /// What it shows whatever the number is.
    pub(super) fn literal(&self) -> String {
        match self {
            Token::Literal(text) => text.clone(),
            Token::Percent => "%".to_owned(),
            Token::Comma => ",".to_owned(),
            Token::Point => ".".to_owned(),
            _ => String::new(),
        }
    }
}

/// The sections of a format; none if something in it is not known.
pub(super) fn sections(code: &str) -> Option<Vec<Section>> {
    let code: Vec<char> = code.trim().chars().collect();
    let mut sections = vec![Section::default()];
    let mut at = 0;
    while at < code.len() {
        if code[at] == ';' {
            sections.push(Section::default());
            at += 1;
            continue;
        }
        let (token, length) = token(&code[at..])?;
        let section = sections.last_mut().expect("there is one at least");
        section.0.extend(token);
        at += length;
    }
    for section in &mut sections {
        check(section)?;
    }
    if let [only] = sections.as_mut_slice()
        && (only.0.is_empty() || only.0 == [Token::Text])
    {
        only.0 = vec![Token::General]; // of a text the number as it comes
    }
    Some(sections)
}

/// The token at the beginning, and how many characters it has; one that shows nothing is none.
fn token(code: &[char]) -> Option<(Option<Token>, usize)> {
    let rest: String = code.iter().take(10).collect::<String>().to_lowercase();
    for (word, token) in [
        ("general", Token::General),
        ("g/標準", Token::General),
        ("am/pm", Token::HalfOfDay(true)),
        ("a/p", Token::HalfOfDay(false)),
        ("e+", Token::Exponent(true)),
        ("e-", Token::Exponent(false)),
    ] {
        if rest.starts_with(word) {
            return Some((Some(token), word.chars().count()));
        }
    }
    let one = *code.first()?;
    let whole = |token: Token| Some((Some(token), 1));
    match one {
        '"' => {
            let end = code[1..].iter().position(|sign| *sign == '"')?;
            Some((Some(Token::Literal(code[1..=end].iter().collect())), end + 2))
        }
        '\\' => Some((Some(Token::Literal(code.get(1)?.to_string())), 2)),
        '_' => code.get(1).map(|_| (Some(Token::Literal(" ".to_owned())), 2)), // as wide as the sign behind it
        '*' => code.get(1).map(|_| (None, 2)),                                 // fills the cell
        '[' => bracket(code),
        '0' | '#' | '?' => whole(Token::Digit(one)),
        '.' => whole(Token::Point),
        ',' => whole(Token::Comma),
        '%' => whole(Token::Percent),
        '@' => whole(Token::Text),
        _ if "yegmdahs".contains(one.to_ascii_lowercase()) => {
            let letter = one.to_ascii_lowercase();
            let length = code.iter().take_while(|sign| sign.to_ascii_lowercase() == letter).count();
            Some((Some(Token::Part(letter, length)), length))
        }
        _ if PLAIN.contains(one) || !one.is_ascii() => whole(Token::Literal(one.to_string())),
        _ => None,
    }
}

/// What stands in brackets: a colour, a currency, a duration. Conditions and numerals of other scripts are not known.
fn bracket(code: &[char]) -> Option<(Option<Token>, usize)> {
    let end = code.iter().position(|sign| *sign == ']')?;
    let within: String = code[1..end].iter().collect();
    let folded = within.to_lowercase();
    if COLOURS.contains(&folded.as_str()) || is_numbered_colour(&folded) {
        return Some((None, end + 1));
    }
    if let Some(currency) = within.strip_prefix('$') {
        let (sign, place) = currency.split_once('-').unwrap_or((currency, ""));
        let years = years_of(&place.to_lowercase())?;
        let token = match sign {
            "" => (years != Years::default()).then_some(Token::Years(years)),
            sign => Some(Token::Literal(sign.to_owned())),
        };
        return Some((token, end + 1));
    }
    let letter = folded.chars().next().filter(|letter| "hms".contains(*letter))?;
    folded.chars().all(|sign| sign == letter).then_some((Some(Token::Elapsed(letter, folded.len())), end + 1))
}

/// How years are counted in a place; none if the format is that of the reader's own computer, or has another calendar or other numerals.
fn years_of(place: &str) -> Option<Years> {
    if let Ok(number) = u32::from_str_radix(place, 16) {
        // Numerals, calendar, language: an octet, an octet, two (MS-OI29500, 18.8.31).
        let (numerals, calendar, language) = (number >> 24, number >> 16 & 0xff, number & 0xffff);
        let known = numerals <= 1 && matches!(calendar, 0 | 1 | 3) && ![0xf800, 0xf400].contains(&language);
        return known.then_some(Years { of_era: calendar == 3, first_named: false });
    }
    (!place.starts_with("x-sys")).then_some(Years { of_era: false, first_named: place.ends_with("gannen") })
}

fn is_numbered_colour(folded: &str) -> bool {
    let number = folded.strip_prefix("color").or_else(|| folded.strip_prefix('色'));
    number.is_some_and(|number| !number.is_empty() && number.trim().bytes().all(|digit| digit.is_ascii_digit()))
}

/// Refuses what is not shown digit by digit, such as fractions.
fn check(section: &Section) -> Option<()> {
    let is_digit = |token: &Token| matches!(token, Token::Digit(_));
    let slash = section.0.iter().position(|token| *token == Token::Literal("/".to_owned()));
    let is_fraction = slash
        .is_some_and(|slash| section.0[..slash].iter().any(is_digit) && section.0[slash + 1..].iter().any(is_digit));
    (!is_fraction).then_some(())
}
