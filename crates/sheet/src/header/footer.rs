//! Rows behind the data that are none: totals, counts, signatures.

use crate::cell::{Cell, is_hidden};
use crate::table::Table;

/// Rows at the end in which they are looked for.
const FOOTERS: usize = 6;

/// Totals, counts and signatures among the last rows.
pub(super) fn footers(table: &Table, header: usize) -> Vec<u32> {
    let mut rows = Vec::new();
    for row in table.rows().skip(header + 1).rev().take(FOOTERS) {
        let first = row.cells().find(|cell| !cell.is_blank());
        let Some(Cell::Text(text)) = first else { break };
        if !is_footer(text, row.filled(), table.width()) {
            break;
        }
        rows.push(row.number());
    }
    rows.reverse();
    rows
}

fn is_footer(text: &str, filled: usize, width: usize) -> bool {
    let text: String = text.chars().filter(|&part| !is_hidden(part)).collect();
    let lower = text.trim_end_matches([':', '：']).to_lowercase();
    let total = [
        "合计",
        "总计",
        "小计",
        "共计",
        "汇总",
        "总和",
        "本页合计",
        "本页小计",
        "total",
        "subtotal",
        "grandtotal",
        "sum",
    ];
    if total.contains(&lower.as_str()) {
        return true;
    }
    let sparse = filled <= 2 || filled * 4 < width;
    let opening = [
        "合计",
        "总计",
        "共计",
        "共有",
        "制表人",
        "制表时间",
        "制表日期",
        "导出时间",
        "导出人",
        "打印时间",
        "审核人",
        "备注：",
        "注：",
        "说明：",
    ];
    let counted = lower.starts_with('共') && (lower.ends_with('条') || lower.ends_with("条记录"));
    sparse && (counted || opening.iter().any(|start| text.starts_with(start)))
}
