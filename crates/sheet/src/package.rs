//! A zip package as its readers see it: the same entries, but stored instead of deflated, laid
//! out behind headers made here. Every byte that a reader takes is unpacked on the way, so it
//! can be counted against the limits, and a worksheet's bytes are shown to a [`SheetScan`] or
//! [`RecordScan`], which learns what the cell reader does not tell (hidden rows, formulas, merged ranges)
//! without a second pass over the file.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::error::SheetError;
use crate::limits::{MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED, RATIO_FLOOR};
use crate::record_scan::RecordScan;
use crate::sheet_scan::SheetScan;

/// A handle to a package; clones share one place in it.
#[derive(Debug, Clone)]
pub(crate) struct Package(Rc<RefCell<Inner>>);

#[derive(Debug)]
struct Inner {
    file: Rc<File>,
    entries: Vec<Entry>,
    /// The central directory of the layout and what ends it.
    directory: Vec<u8>,
    directory_start: u64,
    position: u64,
    open: Option<Open>,
    /// The next entry read is the worksheet to look at.
    armed: bool,
    watched: Option<usize>,
    scan: SheetScan,
    /// Looks at the worksheet instead where it is a binary one.
    records: Option<RecordScan>,
}

#[derive(Debug)]
struct Entry {
    name: Vec<u8>,
    utf8: bool,
    body: Body,
    /// Unpacked.
    size: u64,
    crc: u32,
    /// Where its header stands in the layout.
    start: u64,
}

#[derive(Debug)]
enum Body {
    Stored {
        at: u64,
    },
    Deflated {
        at: u64,
        packed: u64,
    },
    /// Something this reader cannot unpack; met only where it is asked for.
    Unreadable,
    /// Put here in place of the file's own.
    Replaced(Vec<u8>),
}

/// The entry being read, and how far.
#[derive(Debug)]
struct Open {
    entry: usize,
    done: u64,
    from: Source,
}

#[derive(Debug)]
enum Source {
    Stored(BufReader<Window>),
    Deflated(Box<DeflateDecoder<BufReader<Window>>>),
}

/// A stretch of a file read without minding where others left its cursor.
#[derive(Debug)]
struct Window {
    file: Rc<File>,
    at: u64,
    end: u64,
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let take = buffer.len().min(left);
        if take == 0 {
            return Ok(0);
        }
        let mut file = self.file.as_ref();
        file.seek(SeekFrom::Start(self.at))?;
        let got = file.read(&mut buffer[..take])?;
        self.at += got as u64;
        Ok(got)
    }
}

const BUFFER: usize = 64 * 1024;
const LOCAL_HEADER: u64 = 30;

impl Package {
    /// Reads the directory of a zip file and checks it against the limits.
    pub(crate) fn open(file: Rc<File>) -> Result<Self, SheetError> {
        let mut archive = ZipArchive::new(BufReader::new(file.as_ref()))
            .map_err(|_| SheetError::Damaged { row: 0 })?;
        if archive.len() > MAX_ENTRIES {
            return Err(SheetError::ZipBomb);
        }
        let mut entries = Vec::with_capacity(archive.len());
        let (mut packed, mut unpacked) = (0u64, 0u64);
        for index in 0..archive.len() {
            let entry = archive
                .by_index_raw(index)
                .map_err(|_| SheetError::Damaged { row: 0 })?;
            let body = match (entry.data_start(), entry.compression()) {
                _ if entry.encrypted() => Body::Unreadable,
                (Some(at), CompressionMethod::Stored) => Body::Stored { at },
                (Some(at), CompressionMethod::Deflated) => Body::Deflated {
                    at,
                    packed: entry.compressed_size(),
                },
                _ => Body::Unreadable,
            };
            packed = packed.saturating_add(entry.compressed_size());
            unpacked = unpacked.saturating_add(entry.size());
            let name = entry.name_raw().to_vec();
            entries.push(Entry {
                utf8: str::from_utf8(&name).is_ok(),
                name,
                body,
                size: entry.size(),
                crc: entry.crc32(),
                start: 0,
            });
        }
        if unpacked > MAX_UNPACKED
            || (unpacked > RATIO_FLOOR && unpacked / packed.max(1) > MAX_RATIO)
        {
            return Err(SheetError::ZipBomb);
        }
        drop(archive);
        let mut inner = Inner {
            file,
            entries,
            directory: Vec::new(),
            directory_start: 0,
            position: 0,
            open: None,
            armed: false,
            watched: None,
            scan: SheetScan::default(),
            records: None,
        };
        inner.lay_out();
        Ok(Self(Rc::new(RefCell::new(inner))))
    }

    /// Names of the entries, with forward slashes.
    pub(crate) fn names(&self) -> Vec<String> {
        let inner = self.0.borrow();
        inner
            .entries
            .iter()
            .map(|entry| String::from_utf8_lossy(&entry.name).replace('\\', "/"))
            .collect()
    }

    /// The whole of a small entry, cut at `limit` bytes; `None` where there is none of that name.
    pub(crate) fn read_entry(&self, name: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(index) = self.index(name) else {
            return Ok(None);
        };
        let mut inner = self.0.borrow_mut();
        let mut open = inner.begin(index)?;
        let mut content = Vec::new();
        let size = inner.entries[index].size.min(limit);
        open.from.by_ref().take(size).read_to_end(&mut content)?;
        inner.open = None;
        Ok(Some(content))
    }

    /// A reader over the start of an entry, for looking ahead.
    pub(crate) fn entry_reader(&self, index: usize) -> io::Result<impl Read + use<>> {
        let inner = self.0.borrow();
        let size = inner.entries[index].size;
        Ok(inner.begin(index)?.from.take(size))
    }

    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.names()
            .iter()
            .position(|entry| entry.eq_ignore_ascii_case(name))
    }

    /// The same package with another content for one entry.
    pub(crate) fn with_replaced(&self, index: usize, content: Vec<u8>) -> Self {
        let old = self.0.borrow();
        let mut inner = Inner {
            file: Rc::clone(&old.file),
            entries: old.entries.iter().map(Entry::copy).collect(),
            directory: Vec::new(),
            directory_start: 0,
            position: 0,
            open: None,
            armed: false,
            watched: None,
            scan: SheetScan::default(),
            records: None,
        };
        let entry = &mut inner.entries[index];
        entry.size = content.len() as u64;
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        entry.crc = crc.sum();
        entry.body = Body::Replaced(content);
        inner.lay_out();
        Self(Rc::new(RefCell::new(inner)))
    }

    /// The next entry that is read is a worksheet: look at it while it passes.
    pub(crate) fn watch_next(&self) {
        let mut inner = self.0.borrow_mut();
        inner.armed = true;
        inner.watched = None;
        inner.scan = SheetScan::default();
        inner.records = None;
    }

    /// The same for a binary worksheet.
    pub(crate) fn watch_next_records(&self) {
        self.watch_next();
        self.0.borrow_mut().records = Some(RecordScan::default());
    }

    /// The entry that was read after [`Package::watch_next`].
    pub(crate) fn watched(&self) -> Option<usize> {
        self.0.borrow().watched
    }

    /// Works on what the scan has found so far.
    pub(crate) fn with_scan<T>(&self, work: impl FnOnce(&mut SheetScan) -> T) -> T {
        work(&mut self.0.borrow_mut().scan)
    }

    /// Works on what the scan of a binary worksheet has found so far.
    pub(crate) fn with_records<T>(&self, work: impl FnOnce(&mut RecordScan) -> T) -> T {
        work(self.0.borrow_mut().records.get_or_insert_default())
    }

    /// How much of the watched worksheet has been read, in thousandths.
    pub(crate) fn thousandths(&self) -> u16 {
        let inner = self.0.borrow();
        match (&inner.open, inner.watched) {
            (Some(open), Some(watched)) if open.entry == watched => {
                let size = inner.entries[watched].size.max(1);
                u16::try_from(open.done.saturating_mul(1000) / size).unwrap_or(1000)
            }
            _ => 0,
        }
    }

    /// Unpacked size of an entry.
    pub(crate) fn size(&self, entry: usize) -> u64 {
        self.0.borrow().entries[entry].size
    }

    /// Unpacked size of the watched worksheet.
    pub(crate) fn watched_size(&self) -> u64 {
        let inner = self.0.borrow();
        inner
            .watched
            .map_or(0, |watched| inner.entries[watched].size)
    }

    /// Shows the scan what is left of the watched worksheet behind the last cell.
    pub(crate) fn scan_rest(&self) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        let Some(watched) = inner.watched else {
            return Ok(());
        };
        let Some(mut open) = inner.open.take().filter(|open| open.entry == watched) else {
            return Ok(());
        };
        let left = inner.entries[watched].size.saturating_sub(open.done);
        let mut rest = open.from.by_ref().take(left);
        let mut buffer = vec![0; BUFFER];
        loop {
            match rest.read(&mut buffer)? {
                0 => return Ok(()),
                got => inner.show(&buffer[..got]),
            }
        }
    }
}

impl Entry {
    fn copy(&self) -> Self {
        Self {
            name: self.name.clone(),
            utf8: self.utf8,
            body: match &self.body {
                Body::Stored { at } => Body::Stored { at: *at },
                Body::Deflated { at, packed } => Body::Deflated {
                    at: *at,
                    packed: *packed,
                },
                Body::Unreadable => Body::Unreadable,
                Body::Replaced(content) => Body::Replaced(content.clone()),
            },
            size: self.size,
            crc: self.crc,
            start: self.start,
        }
    }

    fn header_length(&self) -> u64 {
        LOCAL_HEADER + self.name.len() as u64
    }

    fn end(&self) -> u64 {
        self.start + self.header_length() + self.size
    }

    /// What local and central headers have in common, from the version needed on.
    fn push_common(&self, to: &mut Vec<u8>) {
        let flags: u16 = if self.utf8 { 0x0800 } else { 0 };
        to.extend_from_slice(&20u16.to_le_bytes());
        to.extend_from_slice(&flags.to_le_bytes());
        // Stored; 1980-01-01 00:00.
        to.extend_from_slice(&[0, 0, 0, 0, 0x21, 0]);
        to.extend_from_slice(&self.crc.to_le_bytes());
        let size = u32::try_from(self.size).expect("all sizes together stay below 3 GB");
        to.extend_from_slice(&size.to_le_bytes());
        to.extend_from_slice(&size.to_le_bytes());
        let name = u16::try_from(self.name.len()).expect("zip names are shorter than 64 KB");
        to.extend_from_slice(&name.to_le_bytes());
        to.extend_from_slice(&[0, 0]);
    }

    fn local_header(&self) -> Vec<u8> {
        let mut header = b"PK\x03\x04".to_vec();
        self.push_common(&mut header);
        header.extend_from_slice(&self.name);
        header
    }
}

impl Inner {
    fn lay_out(&mut self) {
        let mut at = 0u64;
        for entry in &mut self.entries {
            entry.start = at;
            at = entry.end();
        }
        self.directory_start = at;
        let mut directory = Vec::new();
        for entry in &self.entries {
            directory.extend_from_slice(b"PK\x01\x02\x14\x00");
            entry.push_common(&mut directory);
            directory.extend_from_slice(&[0; 10]);
            let start = u32::try_from(entry.start).expect("the layout stays below 4 GB");
            directory.extend_from_slice(&start.to_le_bytes());
            directory.extend_from_slice(&entry.name);
        }
        let count = u16::try_from(self.entries.len()).expect("at most 2,000 entries");
        let size = u32::try_from(directory.len()).expect("2,000 names of 64 KB at most");
        let start = u32::try_from(self.directory_start).expect("the layout stays below 4 GB");
        directory.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        directory.extend_from_slice(&count.to_le_bytes());
        directory.extend_from_slice(&count.to_le_bytes());
        directory.extend_from_slice(&size.to_le_bytes());
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(&[0, 0]);
        self.directory = directory;
    }

    fn length(&self) -> u64 {
        self.directory_start + self.directory.len() as u64
    }

    fn begin(&self, entry: usize) -> io::Result<Open> {
        let window = |at: u64, length: u64| {
            BufReader::with_capacity(
                BUFFER,
                Window {
                    file: Rc::clone(&self.file),
                    at,
                    end: at.saturating_add(length),
                },
            )
        };
        let from = match self.entries[entry].body {
            Body::Stored { at } => Source::Stored(window(at, self.entries[entry].size)),
            Body::Deflated { at, packed } => {
                Source::Deflated(Box::new(DeflateDecoder::new(window(at, packed))))
            }
            Body::Unreadable | Body::Replaced(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Open {
            entry,
            done: 0,
            from,
        })
    }

    fn show(&mut self, bytes: &[u8]) {
        match &mut self.records {
            Some(records) => records.feed(bytes),
            None => self.scan.feed(bytes),
        }
    }

    /// Bytes of an entry from `offset` on.
    fn read_body(&mut self, entry: usize, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if let Body::Replaced(content) = &self.entries[entry].body {
            let from = usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(content.len());
            return (&content[from..]).read(buffer);
        }
        let starts_over =
            !matches!(&self.open, Some(open) if open.entry == entry && open.done <= offset);
        if starts_over {
            self.open = Some(self.begin(entry)?);
            if self.armed {
                self.armed = false;
                self.watched = Some(entry);
            }
        }
        let open = self.open.as_mut().expect("opened above");
        if open.done < offset {
            let skip = offset - open.done;
            if io::copy(&mut open.from.by_ref().take(skip), &mut io::sink())? < skip {
                return Ok(0);
            }
            open.done = offset;
        }
        let got = open.from.read(buffer)?;
        open.done += got as u64;
        if self.watched == Some(entry) {
            self.show(&buffer[..got]);
        }
        Ok(got)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stored(from) => from.read(buffer),
            Self::Deflated(from) => from.read(buffer),
        }
    }
}

impl Read for Package {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.0.borrow_mut();
        let at = inner.position;
        let got = if at >= inner.directory_start {
            let from = usize::try_from(at - inner.directory_start)
                .unwrap_or(usize::MAX)
                .min(inner.directory.len());
            (&inner.directory[from..]).read(buffer)?
        } else {
            let index = inner.entries.partition_point(|entry| entry.end() <= at);
            let entry = &inner.entries[index];
            let inside = at - entry.start;
            let header = entry.header_length();
            if inside < header {
                let from = usize::try_from(inside).unwrap_or(usize::MAX);
                (&entry.local_header()[from..]).read(buffer)?
            } else {
                let left = usize::try_from(entry.end() - at).unwrap_or(usize::MAX);
                let take = buffer.len().min(left);
                inner.read_body(index, inside - header, &mut buffer[..take])?
            }
        };
        inner.position += got as u64;
        Ok(got)
    }
}

impl Seek for Package {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut inner = self.0.borrow_mut();
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => inner.length().checked_add_signed(by),
            SeekFrom::Current(by) => inner.position.checked_add_signed(by),
        };
        inner.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(inner.position)
    }
}
