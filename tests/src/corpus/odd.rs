//! Files as mail and ERPs bring them: right under the wrong name, in old code pages, cut off, locked, empty.

use std::path::Path;

use anyhow::Result;
use encoding_rs::GB18030;
use fastrand::Rng;

use crate::workbook::{Sheet, Spec, generate};

/// The first bytes of a compound file, which old and password-protected workbooks are.
const COMPOUND: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

pub(super) fn write_all(folder: &Path, seed: u64) -> Result<u32> {
    let mut rng = Rng::with_seed(seed);
    let (sheet, _) = generate(&Spec {
        rows: rng.u32(20..400),
        seed,
        errors: rng.u32(0..20),
    });
    let mut files = 0;
    let mut write = |name: &str, bytes: &[u8]| {
        files += 1;
        std::fs::write(folder.join(format!("{seed}-{name}")), bytes)
    };
    let whole = folder.join(format!("{seed}-whole.xlsx"));
    sheet.write_xlsx(&whole)?;
    let xlsx = std::fs::read(&whole)?;
    let csv = sheet.to_csv();
    let gbk = GB18030.encode(&csv).0;

    write("named wrongly.xls", &xlsx)?;
    write("utf-8.csv", csv.as_bytes())?;
    write("utf-8 with mark.csv", format!("\u{feff}{csv}").as_bytes())?;
    write("gbk.csv", &gbk)?;
    write("gbk named.xls", &gbk)?;
    write("utf-16 le.csv", &utf16(&csv, u16::to_le_bytes))?;
    write("utf-16 be.csv", &utf16(&csv, u16::to_be_bytes))?;
    write("tabs.txt", csv.replace("\",\"", "\"\t\"").as_bytes())?;
    write("semicolons.csv", csv.replace("\",\"", "\";\"").as_bytes())?;
    write("page.xls", page(&sheet, "utf-8").as_bytes())?;
    write(
        "page in gbk.xls",
        &GB18030.encode(&page(&sheet, "gb2312")).0,
    )?;
    write("spreadsheet 2003.xml", spreadsheet_2003(&sheet).as_bytes())?;
    write(
        "a column.csv",
        "公司名称\r\n华科技术有限公司\r\n恒远电气有限公司\r\n".as_bytes(),
    )?;
    write("no header.csv", "1,2,3\r\n4,5,6\r\n".as_bytes())?;
    write("header alone.csv", "公司名称,手机\r\n".as_bytes())?;

    write("empty.xlsx", b"")?;
    write("blanks.csv", b" \r\n\t\r\n  \r\n")?;
    write("cut.xlsx", &xlsx[..rng.usize(1..xlsx.len())])?;
    write("cut early.xlsx", &xlsx[..xlsx.len().min(30)])?;
    write("password.xlsx", &compound("EncryptedPackage"))?;
    write("compound without a workbook.xls", &compound("WordDocument"))?;
    write("compound cut.xls", &COMPOUND)?;
    write(
        "picture.xlsx",
        &[0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13],
    )?;
    write("sentence.xlsx", "这不是表格。".as_bytes())?;
    let noise: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(4_096).collect();
    write("noise.csv", &noise)?;
    for round in 0..4 {
        let mut spoilt = xlsx.clone();
        for _ in 0..rng.usize(1..40) {
            let at = rng.usize(0..spoilt.len());
            spoilt[at] = rng.u8(..);
        }
        write(&format!("spoilt {round}.xlsx"), &spoilt)?;
    }
    Ok(files + 1)
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(bytes).collect()
}

/// What ERPs and banks call an Excel file.
fn page(sheet: &Sheet, charset: &str) -> String {
    let mut out = format!(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset={charset}\"></head><body><table>\n"
    );
    let mut row = |cells: &mut dyn Iterator<Item = String>| {
        let cells: String = cells
            .map(|cell| format!("<td>{}</td>", escaped(&cell).replace('\n', "<br>")))
            .collect();
        out.push_str(&format!("<tr>{cells}</tr>\n"));
    };
    row(&mut sheet.header.iter().map(|name| (*name).to_owned()));
    for line in &sheet.lines {
        row(&mut line.iter().map(ToString::to_string));
    }
    out.push_str("</table></body></html>\n");
    out
}

fn spreadsheet_2003(sheet: &Sheet) -> String {
    let mut out = "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n\
        <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
        xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"客户\"><Table>\n"
        .to_owned();
    let mut row = |cells: &mut dyn Iterator<Item = String>| {
        let cells: String = cells
            .map(|cell| {
                format!(
                    "<Cell><Data ss:Type=\"String\">{}</Data></Cell>",
                    escaped(&cell)
                )
            })
            .collect();
        out.push_str(&format!("<Row>{cells}</Row>\n"));
    };
    row(&mut sheet.header.iter().map(|name| (*name).to_owned()));
    for line in &sheet.lines {
        row(&mut line.iter().map(ToString::to_string));
    }
    out.push_str("</Table></Worksheet></Workbook>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A compound file of one sector of directory whose only stream has this name; of length nothing.
fn compound(stream: &str) -> Vec<u8> {
    const SECTOR: usize = 512;
    const FREE: u32 = 0xffff_ffff;
    const END: u32 = 0xffff_fffe;
    const TABLE: u32 = 0xffff_fffd;
    let mut header = vec![0_u8; SECTOR];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &COMPOUND);
    put(24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    put(44, &1_u32.to_le_bytes());
    put(48, &1_u32.to_le_bytes());
    put(56, &4096_u32.to_le_bytes());
    put(60, &END.to_le_bytes());
    put(68, &END.to_le_bytes());
    for at in (76..SECTOR).step_by(4) {
        put(at, &FREE.to_le_bytes());
    }
    put(76, &0_u32.to_le_bytes());
    let mut table: Vec<u8> = [TABLE, END]
        .iter()
        .flat_map(|entry| entry.to_le_bytes())
        .collect();
    table.resize(SECTOR, 0xff);
    let mut directory = entry("Root Entry", 5, 1);
    directory.extend(entry(stream, 2, FREE));
    directory.resize(SECTOR, 0);
    [header, table, directory].concat()
}

/// One entry of a compound file's directory: its name, kind and child.
fn entry(name: &str, kind: u8, child: u32) -> Vec<u8> {
    let mut entry = vec![0_u8; 128];
    let units: Vec<u8> = name
        .encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect();
    entry[..units.len()].copy_from_slice(&units);
    entry[64..66].copy_from_slice(
        &u16::try_from(units.len())
            .expect("a short name")
            .to_le_bytes(),
    );
    entry[66] = kind;
    entry[67] = 1;
    entry[68..76].fill(0xff);
    entry[76..80].copy_from_slice(&child.to_le_bytes());
    entry[116..120].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    entry
}
