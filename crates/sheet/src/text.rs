//! Text files: which encoding their bytes are in, and those bytes as UTF-8.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, GB18030, GBK, UTF_8};

const CHUNK: usize = 64 * 1024;
/// The detector needs no more than this of text beyond ASCII to be sure.
const ENOUGH: usize = 1024 * 1024;

/// The encoding of a file without a mark of its own: UTF-8 where all of it is, else the likeliest
/// one for a file from China. What is called GB2312 or GBK is read as GB18030, which holds both.
pub(crate) fn guess_encoding(file: &File) -> io::Result<&'static Encoding> {
    let mut from = file;
    from.seek(SeekFrom::Start(0))?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut chunk = vec![0; CHUNK];
    let (mut kept, mut fed, mut utf8) = (0, 0, true);
    loop {
        let got = from.read(&mut chunk[kept..])?;
        let filled = kept + got;
        if got == 0 {
            utf8 &= kept == 0;
            break;
        }
        let bytes = &chunk[..filled];
        if fed < ENOUGH && !bytes.is_ascii() {
            detector.feed(&bytes[kept..], false);
            fed += got;
        }
        match str::from_utf8(bytes) {
            Ok(_) => kept = 0,
            Err(cut) if cut.error_len().is_none() => {
                let valid = cut.valid_up_to();
                chunk.copy_within(valid..filled, 0);
                kept = filled - valid;
            }
            Err(_) => {
                utf8 = false;
                kept = 0;
            }
        }
        if !utf8 && fed >= ENOUGH {
            break;
        }
    }
    if utf8 {
        return Ok(UTF_8);
    }
    detector.feed(b"", true);
    Ok(widest(detector.guess(Some(b"cn"), Utf8Detection::Deny)))
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
        })
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
            let room = self.decoder.max_utf8_buffer_length(got).unwrap_or(CHUNK);
            self.ready.reserve(room);
            // With that room everything is taken; a character cut in two waits in the decoder.
            let (_, read, _) =
                self.decoder
                    .decode_to_string(&self.packed[..got], &mut self.ready, self.ended);
            debug_assert_eq!(read, got);
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
    use encoding_rs::{UTF_16BE, UTF_16LE};
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
