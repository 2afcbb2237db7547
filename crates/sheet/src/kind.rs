//! What a file is, told by its bytes and never by its name: exports are called `.xls` whatever
//! they hold.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::SheetError;
use crate::limits::{MAX_HELD_FILE, MAX_STREAMED_FILE, check_size};
use crate::package::Package;
use crate::text;
use crate::workbook::Kind;

/// A file that can be read, opened as far as its kind needs.
#[derive(Debug)]
pub(crate) enum Opened {
    Package(Kind, Package),
    Xls(Rc<File>),
    Text(Kind, TextFile),
}

/// A text file and how its bytes become characters.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    pub file: Rc<File>,
    pub encoding: &'static Encoding,
    pub bytes: u64,
}

impl Opened {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Package(kind, _) | Self::Text(kind, _) => *kind,
            Self::Xls(_) => Kind::Xls,
        }
    }

    /// Tells what a file is and opens it, or says why it cannot be read.
    pub(crate) fn from_file(file: File) -> Result<Self, SheetError> {
        let file = Rc::new(file);
        let bytes = file.metadata()?.len();
        check_size(bytes, MAX_STREAMED_FILE)?;
        let mut head = vec![0; HEAD];
        let length = fill(&file, 0, &mut head)?;
        head.truncate(length);
        let opened = if head.is_empty() {
            return Err(SheetError::EmptyFile);
        } else if head.starts_with(b"PK\x03\x04") {
            let package = Package::open(Rc::clone(&file))?;
            Self::Package(package_kind(&package)?, package)
        } else if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            compound_kind(&file)?;
            Self::Xls(file)
        } else if is_bare_biff(&head) {
            return Err(SheetError::OldFormat);
        } else {
            let (kind, encoding) = text_kind(&file, &head)?;
            let text = TextFile {
                file,
                encoding,
                bytes,
            };
            Self::Text(kind, text)
        };
        match opened.kind() {
            Kind::Xlsx | Kind::Csv => {}
            _ => check_size(bytes, MAX_HELD_FILE)?,
        }
        Ok(opened)
    }
}

const HEAD: usize = 64 * 1024;

/// Reads at a place until the buffer is full or the file ends.
fn fill(mut file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    file.seek(SeekFrom::Start(at))?;
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            got => filled += got,
        }
    }
    Ok(filled)
}

fn package_kind(package: &Package) -> Result<Kind, SheetError> {
    let damaged = |_| SheetError::Damaged { row: 0 };
    if let Some(mime) = package.read_entry("mimetype", 256).map_err(damaged)? {
        if !mime.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") {
            return Err(SheetError::NotASpreadsheet);
        }
        let manifest = package
            .read_entry("META-INF/manifest.xml", 1024 * 1024)
            .map_err(damaged)?
            .unwrap_or_default();
        if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
            return Err(SheetError::PasswordProtected);
        }
        return Ok(Kind::Ods);
    }
    let types = package
        .read_entry("[Content_Types].xml", 1024 * 1024)
        .map_err(damaged)?
        .unwrap_or_default();
    let says = |needle: &str| memchr::memmem::find(&types, needle.as_bytes()).is_some();
    let names = package.names();
    let has = |path: &str| names.iter().any(|name| name.eq_ignore_ascii_case(path));
    if says("ms-excel.sheet.binary") || has("xl/workbook.bin") {
        Ok(Kind::Xlsb)
    } else if says("spreadsheetml") || says("ms-excel.sheet.macroEnabled") || has("xl/workbook.xml")
    {
        Ok(Kind::Xlsx)
    } else {
        Err(SheetError::NotASpreadsheet)
    }
}

/// An OLE compound file: looks through its directory records, which stand on multiples of 128
/// bytes wherever the directory is. A broken allocation table does not hide them.
fn compound_kind(file: &File) -> Result<(), SheetError> {
    let mut chunk = vec![0; 1024 * 1024];
    let (mut at, mut rooted, mut workbook) = (0, false, false);
    loop {
        let got = fill(file, at, &mut chunk)?;
        for record in chunk[..got].chunks_exact(128) {
            if is_record(record, "EncryptedPackage", 2) {
                return Err(SheetError::PasswordProtected);
            }
            workbook |= is_record(record, "Workbook", 2) || is_record(record, "Book", 2);
            rooted |= record[66] == 5 && record.starts_with(b"R\0");
        }
        if got < chunk.len() {
            break;
        }
        at += got as u64;
    }
    match (workbook, rooted) {
        (true, _) => Ok(()),
        (false, true) => Err(SheetError::NotASpreadsheet),
        (false, false) => Err(SheetError::Damaged { row: 0 }),
    }
}

/// Name in UTF-16 (64 bytes), its length in bytes with the final zero, type.
fn is_record(record: &[u8], name: &str, kind: u8) -> bool {
    let bytes: Vec<u8> = name.bytes().flat_map(|byte| [byte, 0]).collect();
    record[66] == kind
        && usize::from(u16::from_le_bytes([record[64], record[65]])) == bytes.len() + 2
        && record[..bytes.len()].eq_ignore_ascii_case(&bytes)
}

/// Excel 2 to 5 wrote their records without a compound file around them.
fn is_bare_biff(head: &[u8]) -> bool {
    matches!(
        head,
        [0x09, 0x00, 0x04, 0x00, ..]
            | [0x09, 0x02, 0x06, 0x00, ..]
            | [0x09, 0x04, 0x06, 0x00, ..]
            | [0x09, 0x08, 0x08, 0x00, ..]
            // Lotus 1-2-3.
            | [0x00, 0x00, 0x02, 0x00, ..]
            | [0x00, 0x00, 0x1A, 0x00, ..]
    )
}

fn text_kind(file: &File, head: &[u8]) -> Result<(Kind, &'static Encoding), SheetError> {
    if head.starts_with(b"\xFF\xFE\0\0") || head.starts_with(b"\0\0\xFE\xFF") {
        // UTF-32, which nothing but tests writes.
        return Err(SheetError::NotASpreadsheet);
    }
    let utf16 = match Encoding::for_bom(head) {
        Some((encoding, _)) => (encoding != UTF_8).then_some(encoding),
        None => utf16_without_mark(head),
    };
    if utf16.is_none() && !looks_like_text(head) {
        return Err(SheetError::NotASpreadsheet);
    }
    let start = match utf16 {
        Some(encoding) => encoding.decode(head).0.into_owned(),
        None => String::from_utf8_lossy(head).into_owned(),
    };
    let start = start.trim_start_matches(|part: char| part.is_whitespace() || part == '\u{feff}');
    if start.is_empty() {
        return Err(SheetError::EmptyFile);
    }
    let lower = start.to_ascii_lowercase();
    if lower.starts_with("%pdf") || lower.starts_with("{\\rtf") || lower.starts_with("mime-version")
    {
        return Err(SheetError::NotASpreadsheet);
    }
    if start.starts_with("ID;P") {
        return Err(SheetError::OldFormat);
    }
    let kind = markup_kind(&lower)?;
    let encoding = match utf16 {
        Some(encoding) => encoding,
        None if kind == Kind::Csv => text::guess_encoding(file)?,
        None => match text::declared_encoding(&lower) {
            Some(encoding) => encoding,
            None => text::guess_encoding(file)?,
        },
    };
    Ok((kind, encoding))
}

/// The kind of a text by its first characters, in lower case.
fn markup_kind(lower: &str) -> Result<Kind, SheetError> {
    if !lower.starts_with('<') {
        return Ok(Kind::Csv);
    }
    let xml = lower.starts_with("<?xml");
    if xml
        && (lower.contains("urn:schemas-microsoft-com:office:spreadsheet")
            || lower.contains("progid=\"excel.sheet\""))
    {
        return Ok(Kind::SpreadsheetXml);
    }
    let html = [
        "<table", "<html", "<body", "<tr", "<td", "<head", "<meta", "<style", "<div",
    ];
    if html.iter().any(|tag| lower.contains(tag)) {
        return Ok(Kind::Html);
    }
    if lower.starts_with("<workbook") && lower.contains("office:spreadsheet") {
        return Ok(Kind::SpreadsheetXml);
    }
    let first = lower[1..].chars().next();
    if xml || first.is_some_and(|next| next.is_ascii_alphabetic() || next == '!') {
        return Err(SheetError::NotASpreadsheet);
    }
    // A value that merely begins with the sign.
    Ok(Kind::Csv)
}

/// UTF-16 of mostly Latin text and separators has a zero in every second byte.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.as_chunks::<2>().0;
    if pairs.len() < 4 {
        return None;
    }
    let zeros = |half: usize| pairs.iter().filter(|pair| pair[half] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    // Chinese text leaves zeros only at separators and digits.
    let enough = pairs.len() / 10 + 1;
    if second > enough && first == 0 {
        Some(UTF_16LE)
    } else if first > enough && second == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn looks_like_text(head: &[u8]) -> bool {
    let odd = head
        .iter()
        .filter(|&&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a | 0x1b))
        .count();
    !head.contains(&0) && odd * 100 <= head.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    fn opened(content: &[u8]) -> Result<Opened, SheetError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        Opened::from_file(file)
    }

    fn refusal(content: &[u8]) -> &'static str {
        opened(content).unwrap_err().code()
    }

    fn kind(content: &[u8]) -> Kind {
        opened(content).unwrap().kind()
    }

    fn compound(names: &[(&str, u8)]) -> Vec<u8> {
        let mut file = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        file.resize(512, 0);
        for (name, kind) in names {
            let mut record: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = u16::try_from(record.len() + 2).unwrap();
            record.resize(64, 0);
            record.extend_from_slice(&length.to_le_bytes());
            record.push(*kind);
            record.resize(128, 0);
            file.extend_from_slice(&record);
        }
        file
    }

    #[test]
    fn what_is_no_spreadsheet_is_refused_with_its_reason() {
        assert_eq!(refusal(b""), "empty_file");
        assert_eq!(refusal(b" \r\n\t \r\n"), "empty_file");
        assert_eq!(refusal(b"\xEF\xBB\xBF"), "empty_file");
        assert_eq!(refusal(b"%PDF-1.7 ..."), "not_a_spreadsheet");
        assert_eq!(
            refusal(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            "not_a_spreadsheet"
        );
        assert_eq!(refusal(b"{\\rtf1 text}"), "not_a_spreadsheet");
        assert_eq!(
            refusal(b"<?xml version=\"1.0\"?><feed/>"),
            "not_a_spreadsheet"
        );
        assert_eq!(refusal(b"PK\x03\x04 and then nothing"), "damaged");
        assert_eq!(
            refusal(&compound(&[("Root Entry", 5), ("WordDocument", 2)])),
            "not_a_spreadsheet"
        );
        assert_eq!(refusal(&compound(&[])), "damaged");
    }

    #[test]
    fn an_encrypted_workbook_and_one_of_the_eighties_say_so() {
        let encrypted = compound(&[
            ("Root Entry", 5),
            ("EncryptionInfo", 2),
            ("EncryptedPackage", 2),
        ]);
        assert_eq!(refusal(&encrypted), "password_protected");
        for biff in [[9, 0, 4, 0], [9, 2, 6, 0], [9, 4, 6, 0]] {
            assert_eq!(refusal(&biff), "old_format");
        }
        assert_eq!(refusal(b"ID;PWXL;N;E\r\n"), "old_format");
    }

    #[test]
    fn the_content_decides_whatever_the_name() {
        assert_eq!(
            kind(&compound(&[("Root Entry", 5), ("Workbook", 2)])),
            Kind::Xls
        );
        assert_eq!(
            kind(b"\r\n<HTML><table><tr><td>1</td></tr></table>"),
            Kind::Html
        );
        assert_eq!(kind(b"<table border=1><tr><td>1"), Kind::Html);
        assert_eq!(
            kind(b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>"),
            Kind::SpreadsheetXml
        );
        assert_eq!(kind("编号,客户\n1,甲".as_bytes()), Kind::Csv);
        assert_eq!(kind(b"<5,small\n>5,large\n"), Kind::Csv);
        let utf16: Vec<u8> = "编号\t客户\r\n1\t甲\r\n2\t乙\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(kind(&utf16), Kind::Csv);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(content in proptest::collection::vec(proptest::num::u8::ANY, 0..600), head in 0usize..5) {
            let heads: [&[u8]; 5] = [b"", b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"\xFF\xFE", b"<?xml"];
            let _ = opened(&[heads[head], &content].concat());
        }
    }
}
