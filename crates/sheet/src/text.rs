//! Text files: which encoding their bytes are in, and those bytes as UTF-8.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8};

const CHUNK: usize = 64 * 1024;
/// The detector needs no more than this of text beyond ASCII to be sure.
const ENOUGH: usize = 1024 * 1024;
/// Good characters for each bad place that make a text UTF-8 all the same.
const NEARLY_ALL: u64 = 4;

/// The encoding of a file without a mark of its own: UTF-8 where nearly all of it is, else the
/// likeliest one for a file from China. A single bad byte or a last character cut in two does not
/// make a text another one. What is called GB2312 or GBK is read as GB18030, which holds both.
pub(crate) fn guess_encoding(file: &File) -> io::Result<&'static Encoding> {
    let mut from = file;
    from.seek(SeekFrom::Start(0))?;
    let mut utf8 = Utf8Count::default();
    let mut sample = Vec::new();
    let mut chunk = vec![0; CHUNK];
    let (mut kept, mut first, mut sampling) = (0, true, false);
    loop {
        let got = from.read(&mut chunk[kept..])?;
        let filled = kept + got;
        if got == 0 {
            utf8.cut = kept > 0;
            break;
        }
        let fresh = &chunk[kept..filled];
        let is_ascii = fresh.is_ascii();
        // A chunk of ASCII may begin with the second half of a character.
        if sample.len() < ENOUGH && (sampling || !is_ascii) {
            sample.extend_from_slice(fresh);
        }
        sampling = !is_ascii;
        utf8.marked |= first && fresh.starts_with(b"\xEF\xBB\xBF");
        first = false;
        kept = utf8.count(&chunk[..filled]);
        chunk.copy_within(filled - kept..filled, 0);
        if sample.len() >= ENOUGH && !utf8.is_likely() {
            break;
        }
    }
    if utf8.is_likely() {
        return Ok(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // Never said to be the last: the sample may end in the middle of a character.
    detector.feed(&sample, false);
    Ok(widest(detector.guess(Some(b"cn"), Utf8Detection::Deny)))
}

/// How the bytes of a file fare as UTF-8.
#[derive(Debug, Default)]
struct Utf8Count {
    /// Characters of three bytes or four, as Chinese ones are. Text in GBK has next to none that
    /// pass for such, while it is full of those that pass for characters of two bytes.
    long: u64,
    bad: u64,
    /// The file ends in the middle of a character.
    cut: bool,
    /// The file begins with the mark of UTF-8, which some programs put before GBK too.
    marked: bool,
}

impl Utf8Count {
    /// Counts all but the last bytes that may go on in what follows; says how many these are.
    fn count(&mut self, mut bytes: &[u8]) -> usize {
        loop {
            let cut = match str::from_utf8(bytes) {
                Ok(_) => {
                    self.add(bytes);
                    return 0;
                }
                Err(cut) => cut,
            };
            let (valid, rest) = bytes.split_at(cut.valid_up_to());
            self.add(valid);
            let Some(length) = cut.error_len() else {
                return rest.len();
            };
            self.bad += 1;
            bytes = &rest[length..];
        }
    }

    fn add(&mut self, valid: &[u8]) {
        self.long += valid.iter().filter(|&&byte| byte >= 0xe0).count() as u64;
    }

    fn is_likely(&self) -> bool {
        match (self.bad, self.cut) {
            (0, false) => true,
            (0, true) => self.long > 0,
            (bad, cut) => {
                let each = if self.marked { 1 } else { NEARLY_ALL };
                (bad + u64::from(cut)) * each <= self.long
            }
        }
    }
}

/// Decodes into `text`, U+FFFD for what is no character; says how often that was.
fn decode(decoder: &mut Decoder, mut bytes: &[u8], text: &mut String, last: bool) -> u64 {
    let mut replaced = 0;
    loop {
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        text.reserve(room.unwrap_or(CHUNK));
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, text, last);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return replaced,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                text.push(char::REPLACEMENT_CHARACTER);
                replaced += 1;
            }
        }
    }
}

/// The encoding that HTML or XML declares in its first characters.
pub(crate) fn declared_encoding(lower: &str) -> Option<&'static Encoding> {
    let start = lower.get(..4096.min(lower.len())).unwrap_or(lower);
    ["charset=", "encoding="].iter().find_map(|key| {
        let after = &start[start.find(key)? + key.len()..];
        let label = after.trim_start_matches(['"', '\'', ' ']);
        let end = label
            .find(|part: char| !(part.is_ascii_alphanumeric() || matches!(part, '-' | '_')))
            .unwrap_or(label.len());
        Encoding::for_label(&label.as_bytes()[..end]).map(widest)
    })
}

fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// A file as UTF-8, decoded while it is read, every line ended by a line feed.
pub(crate) struct Utf8Reader {
    file: Rc<File>,
    decoder: Decoder,
    packed: Vec<u8>,
    ready: String,
    taken: usize,
    ended: bool,
    after_return: bool,
    consumed: u64,
    replaced: u64,
}

impl Utf8Reader {
    /// From the start of the file; a byte order mark of the encoding is left out.
    pub(crate) fn new(file: Rc<File>, encoding: &'static Encoding) -> io::Result<Self> {
        file.as_ref().seek(SeekFrom::Start(0))?;
        Ok(Self {
            file,
            decoder: encoding.new_decoder_with_bom_removal(),
            packed: vec![0; CHUNK],
            ready: String::new(),
            taken: 0,
            ended: false,
            after_return: false,
            consumed: 0,
            replaced: 0,
        })
    }

    /// The whole of a file, and how often its bytes were no characters.
    pub(crate) fn read_whole(
        file: Rc<File>,
        encoding: &'static Encoding,
    ) -> io::Result<(String, u64)> {
        let mut reader = Self::new(file, encoding)?;
        let mut content = String::new();
        reader.read_to_string(&mut content)?;
        Ok((content, reader.replaced))
    }

    /// How often bytes read so far were no characters. U+FFFD was read for them.
    pub(crate) fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Bytes of the file read so far.
    pub(crate) fn consumed(&self) -> u64 {
        self.consumed
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.taken = 0;
        while self.ready.is_empty() && !self.ended {
            let got = self.file.as_ref().read(&mut self.packed)?;
            self.consumed += got as u64;
            self.ended = got == 0;
            let packed = &self.packed[..got];
            // A character cut in two waits in the decoder.
            self.replaced += decode(&mut self.decoder, packed, &mut self.ready, self.ended);
            self.unify_line_ends();
        }
        Ok(())
    }

    fn unify_line_ends(&mut self) {
        if self.ready.is_empty() {
            return;
        }
        if std::mem::take(&mut self.after_return) && self.ready.starts_with('\n') {
            self.ready.remove(0);
        }
        self.after_return = self.ready.ends_with('\r');
        if memchr::memchr(b'\r', self.ready.as_bytes()).is_some() {
            self.ready = self.ready.replace("\r\n", "\n").replace('\r', "\n");
        }
    }
}

impl Read for Utf8Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            self.refill()?;
        }
        let got = (&self.ready.as_bytes()[self.taken..]).read(buffer)?;
        self.taken += got;
        Ok(got)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
    use std::io::Write;

    const TEXT: &str = "客户名称,联系人,电话\n杭州西湖信息技术有限公司,张伟,13812345678\n𠮷野家,镕基,0571-88888888\n";

    fn file(bytes: &[u8]) -> Rc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Rc::new(file)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn read(file: Rc<File>, encoding: &'static Encoding) -> String {
        let mut text = String::new();
        Utf8Reader::new(file, encoding)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn utf8_and_gb18030_are_told_apart_and_read() {
        assert_eq!(guess_encoding(&file(TEXT.as_bytes())).unwrap(), UTF_8);
        let gb = GB18030.encode(TEXT).0;
        let gb = file(&gb);
        assert_eq!(guess_encoding(&gb).unwrap(), GB18030);
        assert_eq!(read(gb, GB18030), TEXT);
        let gbk = file(&GBK.encode("编号,客户,备注\n1,上海贸易,已联系\n").0);
        assert_eq!(guess_encoding(&gbk).unwrap(), GB18030);
    }

    #[test]
    fn chinese_far_behind_a_long_ascii_start_still_decides() {
        let text = format!("{}\n{TEXT}", "id,name,phone\n".repeat(30_000));
        assert_eq!(
            guess_encoding(&file(&GB18030.encode(&text).0)).unwrap(),
            GB18030
        );
        assert_eq!(guess_encoding(&file(text.as_bytes())).unwrap(), UTF_8);
    }

    fn guess(bytes: &[u8]) -> &'static Encoding {
        guess_encoding(&file(bytes)).unwrap()
    }

    /// Some ten kilobytes of a table.
    fn long() -> String {
        TEXT.repeat(100)
    }

    #[test]
    fn a_utf8_file_that_is_cut_or_has_a_bad_byte_is_not_taken_for_another_encoding() {
        for text in [long(), "客户\n张".into(), format!("\u{feff}name\n{TEXT}")] {
            let whole = text.as_bytes();
            for cut in 1..3 {
                let cut = &text.trim_end().as_bytes()[..text.trim_end().len() - cut];
                if str::from_utf8(cut).is_err() {
                    assert_eq!(guess(cut), UTF_8, "cut in a text of {}", whole.len());
                }
            }
        }
        let text = long();
        for at in [0, 1, 3, 5_000, 5_001, 5_002, text.len()] {
            for bad in [0xff, 0x80, 0xb0] {
                let mut bytes = text.clone().into_bytes();
                bytes.insert(at, bad);
                assert_eq!(guess(&bytes), UTF_8, "{bad:x} at {at}");
                let (read, replaced) = Utf8Reader::read_whole(file(&bytes), UTF_8).unwrap();
                // At worst the byte parts one of four in two.
                assert!((1..=5).contains(&replaced), "{replaced}");
                let marks = read.matches(char::REPLACEMENT_CHARACTER).count();
                assert_eq!(marks as u64, replaced);
            }
        }
        assert_eq!(guess(b"\xEF\xBB\xBFname,phone\nWang,1\xFF\n"), UTF_8);
        assert_eq!(guess(b"name,phone\nWang,138\n"), UTF_8);
        assert_eq!(guess("Jos\u{e9},1\n".as_bytes()), UTF_8);
    }

    #[test]
    fn gbk_stays_gbk_when_it_is_short_or_cut_or_has_a_bad_byte() {
        for text in ["客户", "张伟,1\n", "公司,电话\n上海贸易,021-1\n", &long()] {
            let gbk = GBK.encode(text.replace('𠮷', "吉").as_str()).0.into_owned();
            assert_eq!(guess(&gbk), GB18030, "{}", text.len());
        }
        // Four bytes for a character that GBK lacks, here every other one.
        let rare = GB18030.encode(&"𠮷野𠮟家\n".repeat(40)).0.into_owned();
        assert_eq!(guess(&rare), GB18030);
        let (read, replaced) = Utf8Reader::read_whole(file(&rare), GB18030).unwrap();
        assert_eq!((read, replaced), ("𠮷野𠮟家\n".repeat(40), 0));

        let gbk = GB18030.encode(long().trim_end()).0.into_owned();
        for cut in 1..4 {
            assert_eq!(guess(&gbk[..gbk.len() - cut]), GB18030, "without {cut}");
        }
        for at in [0, 3, 4_000, 4_001] {
            let mut bytes = gbk.clone();
            bytes.insert(at, 0xff);
            assert_eq!(guess(&bytes), GB18030, "at {at}");
            let (_, replaced) = Utf8Reader::read_whole(file(&bytes), GB18030).unwrap();
            assert!(replaced > 0, "at {at}");
        }
        // What some programs do: the mark of UTF-8 and then GBK all the same.
        let marked = [&b"\xEF\xBB\xBF"[..], &gbk].concat();
        assert_eq!(guess(&marked), GB18030);
        let western = WINDOWS_1252
            .encode("José,García,Málaga\nRené,Müller,Köln\n")
            .0;
        assert_ne!(guess(&western), GB18030);
    }

    #[test]
    fn utf16_is_read_in_both_orders_and_marks_are_left_out() {
        let marked = format!("\u{feff}{TEXT}");
        assert_eq!(
            read(file(&utf16(&marked, u16::to_le_bytes)), UTF_16LE),
            TEXT
        );
        assert_eq!(
            read(file(&utf16(&marked, u16::to_be_bytes)), UTF_16BE),
            TEXT
        );
        assert_eq!(read(file(marked.as_bytes()), UTF_8), TEXT);
    }

    #[test]
    fn all_line_ends_become_line_feeds_wherever_the_chunks_are_cut() {
        let long = "甲".repeat(CHUNK / 3 - 1);
        for (before, after) in [("a\r\nb\rc\nd\r", "a\nb\nc\nd\n"), ("x\r\r\ny", "x\n\ny")] {
            assert_eq!(read(file(before.as_bytes()), UTF_8), after);
        }
        for pad in 0..4 {
            let text = format!("{}{long}\r\n{long}\r\nend", "x".repeat(pad));
            assert_eq!(
                read(file(text.as_bytes()), UTF_8),
                text.replace("\r\n", "\n")
            );
        }
    }

    #[test]
    fn a_declared_encoding_is_found_in_html_and_xml() {
        assert_eq!(declared_encoding("<meta charset=gb2312>"), Some(GB18030));
        assert_eq!(
            declared_encoding(
                "<meta http-equiv=\"content-type\" content=\"text/html; charset=gbk\">"
            ),
            Some(GB18030)
        );
        assert_eq!(
            declared_encoding("<?xml version='1.0' encoding='utf-8'?>"),
            Some(UTF_8)
        );
        assert_eq!(declared_encoding("<html>"), None);
    }
}
