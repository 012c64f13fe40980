//! Names and the subtrees that they lie in, RFC 5280 §4.2.1.10. In: a GeneralName and the base of a subtree. Out: inside, outside,
//! or that nobody can tell: the kind, or this name or base, is not understood.

use crate::asn1::{Element, Reader, SEQUENCE, context, context_constructed};
use crate::name::Name;
use crate::{Error, asn1};

/// ```text
/// GeneralName ::= CHOICE {
///    otherName [0], rfc822Name [1] IA5String, dNSName [2] IA5String, x400Address [3], directoryName [4] Name,
///    ediPartyName [5], uniformResourceIdentifier [6] IA5String, iPAddress [7] OCTET STRING, registeredID [8] }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GeneralName {
    /// The tag number.
    pub(super) kind: u8,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Mail(String),
    Dns(String),
    Directory(Name),
    Uri(String),
    Address(Vec<u8>),
    /// A kind that is not compared, or a base with minimum or maximum.
    Opaque,
}

const MAIL: u8 = 1;
const DNS: u8 = 2;
const DIRECTORY: u8 = 4;
const URI: u8 = 6;
const ADDRESS: u8 = 7;

impl GeneralName {
    pub(super) fn read(element: &Element<'_>) -> Result<Self, Error> {
        const MAIL_TAG: u8 = context(MAIL);
        const DNS_TAG: u8 = context(DNS);
        const DIRECTORY_TAG: u8 = context_constructed(DIRECTORY);
        const URI_TAG: u8 = context(URI);
        const ADDRESS_TAG: u8 = context(ADDRESS);
        let form = match element.tag {
            MAIL_TAG => Form::Mail(element.ia5()?.to_owned()),
            DNS_TAG => Form::Dns(element.ia5()?.to_ascii_lowercase()),
            DIRECTORY_TAG => Form::Directory(Name::read(&element.explicit(SEQUENCE, "directory name")?)?),
            URI_TAG => Form::Uri(element.ia5()?.to_ascii_lowercase()),
            ADDRESS_TAG => Form::Address(element.value.to_vec()),
            tag if tag & 0xc0 == 0x80 && tag & 0x1f <= 8 => Form::Opaque,
            tag => return Err(element.malformed("a general name", format!("tag {tag:02x}"))),
        };
        Ok(Self { kind: element.tag & 0x1f, form })
    }

    pub(super) fn directory(name: &Name) -> Self {
        Self { kind: DIRECTORY, form: Form::Directory(name.clone()) }
    }

    pub(super) fn mail(address: String) -> Self {
        Self { kind: MAIL, form: Form::Mail(address) }
    }

    /// Whether the name lies in a subtree; `None`: nobody can tell.
    pub(super) fn is_within(&self, base: &Self) -> Option<bool> {
        match (&self.form, &base.form) {
            (Form::Mail(name), Form::Mail(base)) => mail_within(name, base),
            (Form::Dns(name), Form::Dns(base)) => {
                let host = name.strip_prefix("*.").unwrap_or(name);
                (is_host(host) && (base.is_empty() || is_host(base))).then(|| host_within(name, base))
            }
            (Form::Directory(name), Form::Directory(base)) => Some(name.is_within(base)),
            (Form::Uri(name), Form::Uri(base)) => uri_within(name, base),
            (Form::Address(name), Form::Address(base)) => address_within(name, base),
            _ => None,
        }
    }

    /// Whether the name may stand for one in the subtree, as `*.example.org` for `www.example.org`.
    pub(super) fn may_reach(&self, base: &Self) -> bool {
        match (&self.form, &base.form) {
            (Form::Dns(name), Form::Dns(base)) => name
                .strip_prefix("*.")
                .is_some_and(|domain| base.split_once('.').is_some_and(|(_, rest)| rest == domain)),
            _ => false,
        }
    }

    pub(super) fn describe(&self) -> String {
        match &self.form {
            Form::Mail(text) | Form::Dns(text) | Form::Uri(text) => text.clone(),
            Form::Directory(name) => name.to_string(),
            Form::Address(octets) => format!("IP address {octets:02x?}"),
            Form::Opaque => format!("of kind {}", self.kind),
        }
    }
}

/// ```text
/// GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] BaseDistance DEFAULT 0, maximum [1] BaseDistance OPTIONAL }
/// ```
/// A minimum other than 0, or a maximum, is not understood: names of this kind are then refused (§4.2.1.10).
pub(super) fn read_subtrees(mut reader: Reader<'_>) -> Result<Vec<GeneralName>, Error> {
    let mut bases = Vec::new();
    while !reader.at_end() {
        let mut subtree = reader.sequence("subtree")?;
        let mut base = GeneralName::read(&subtree.element()?)?;
        let minimum = subtree.optional(context(0))?.map(|number| number.unsigned()).transpose()?;
        let maximum = subtree.optional(context(1))?;
        subtree.finish()?;
        if minimum.is_some_and(|number| number > 0) || maximum.is_some() {
            base.form = Form::Opaque;
        }
        bases.push(base);
    }
    Ok(bases)
}

/// subjectAltName.
pub(super) fn read_names(value: &[u8]) -> Result<Vec<GeneralName>, Error> {
    let whole = asn1::single(value, SEQUENCE, "subjectAltName")?;
    let mut reader = whole.reader();
    let mut names = Vec::new();
    while !reader.at_end() {
        names.push(GeneralName::read(&reader.element()?)?);
    }
    if names.is_empty() {
        return Err(whole.malformed("at least one name", "none"));
    }
    Ok(names)
}

/// A mailbox, all mailboxes of a host, or those of hosts below a domain. The part before the @ is compared as it is.
fn mail_within(name: &str, base: &str) -> Option<bool> {
    let (local, host) = mailbox(name)?;
    let host = host.to_ascii_lowercase();
    if let Some((expected, at)) = base.rsplit_once('@') {
        let at = at.to_ascii_lowercase();
        return (!expected.is_empty() && is_host(&at)).then(|| local == expected && host == at);
    }
    let base = base.to_ascii_lowercase();
    let domain = base.strip_prefix('.').unwrap_or(&base);
    is_host(domain).then(|| if domain == base { host == base } else { host != domain && host_within(&host, domain) })
}

/// The parts of a Mailbox: `local@host`, without a name before it.
fn mailbox(text: &str) -> Option<(&str, &str)> {
    let (local, host) = text.rsplit_once('@')?;
    let quoted = local.len() > 1 && local.starts_with('"') && local.ends_with('"');
    let plain = !local.is_empty() && !local.contains(['@', ' ', '<', '>', '"', ',', ';', ':', '(', ')']);
    ((quoted || plain) && is_host(&host.to_ascii_lowercase())).then_some((local, host))
}

/// The host of a URI, one below a domain, or exactly one.
fn uri_within(name: &str, base: &str) -> Option<bool> {
    let host = host_of(name)?;
    match base.strip_prefix('.') {
        Some(domain) => is_host(domain).then(|| host != domain && host_within(host, domain)),
        None => is_host(base).then(|| host == base),
    }
}

/// An address with a mask of the same length.
fn address_within(name: &[u8], base: &[u8]) -> Option<bool> {
    if !matches!(name.len(), 4 | 16) || !matches!(base.len(), 8 | 32) {
        return None;
    }
    let (network, mask) = base.split_at(base.len() / 2);
    let contiguous = mask.iter().map(|octet| octet.leading_ones()).sum::<u32>()
        == mask.iter().map(|octet| octet.count_ones()).sum::<u32>()
        && mask.windows(2).all(|pair| pair[0] == 0xff || pair[1] == 0);
    if !contiguous {
        return None;
    }
    let same = |(place, octet): (usize, &u8)| octet & mask[place] == network[place] & mask[place];
    Some(name.len() == network.len() && name.iter().enumerate().all(same))
}

/// The host itself or one below it.
fn host_within(host: &str, base: &str) -> bool {
    base.is_empty() || host == base || host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
}

/// The host of a URI with an authority; an address in digits is none (RFC 5280 §4.2.1.10).
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next()?;
    (is_host(host) && host.contains(|c: char| c.is_ascii_alphabetic())).then_some(host)
}

/// Labels of letters, digits, hyphens and (outside the standard, but in use) underscores (RFC 1034 §3.5), in lower case.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(known) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}
