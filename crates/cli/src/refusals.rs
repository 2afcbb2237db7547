//! Refusals as sentences. A code without one is shown as it is, with its parameters.

use ketu_app::ApiError;
use ketu_app::import::{Language as Reasons, sentence as reason};

use crate::language::Language;

/// Code, Chinese, English; `{name}` takes a parameter.
const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "no_file",
        "这里还没有数据文件。请先运行：ketu setup --name 姓名",
        "There is no data file here yet. Run first: ketu setup --name NAME",
    ),
    (
        "invitation_unreadable",
        "邀请不完整或有误，请向管理员重新索取。什么都没有发送。",
        "That is not a whole invitation; ask the administrator for another. Nothing was sent.",
    ),
    (
        "invitation_newer",
        "邀请来自更新的版本，请升级客途。",
        "The invitation is of a newer version; upgrade Ketu.",
    ),
    (
        "invitation_other_server",
        "这份邀请来自另一台服务器，没有发送任何内容。请向管理员要本机所属服务器的邀请。",
        "This invitation is of another server; nothing was sent. Ask the administrator for one of this laptop's own server.",
    ),
    (
        "invitation_other_org",
        "这份邀请属于另一家公司，没有发送任何内容。",
        "This invitation is of another company; nothing was sent.",
    ),
    (
        "invitation_other_person",
        "这份邀请不是发给这台电脑的主人的。请向管理员要发给本人的邀请。",
        "This invitation is for somebody else than this laptop's owner; ask the administrator for one of your own.",
    ),
    (
        "forbidden",
        "没有做这件事的权限，没有改动。",
        "There is no right to do this; nothing was changed.",
    ),
    (
        "already_sent",
        "它已经发送，不能再撤回。",
        "It was sent already and cannot be taken back.",
    ),
    (
        "already_settled",
        "这条修改已经有人决定了。",
        "Somebody has decided this already.",
    ),
    (
        "built_upon",
        "没有撤回：后面还有以它为基础的修改，请先撤回那些。",
        "Not taken back: later changes build upon it. Take those back first.",
    ),
    (
        "cannot_retry",
        "这次修改不能重试。",
        "This change cannot be tried again.",
    ),
    (
        "same_record",
        "不能和自己合并，请选两个不同的客户。",
        "A customer cannot be merged with itself; name two.",
    ),
    (
        "unknown_choice",
        "没有这个选择，只有 yours 和 theirs。",
        "There is no such choice, only yours and theirs.",
    ),
    (
        "backup_failed",
        "导入前的备份没有成功，什么都没有写入。请检查磁盘空间。",
        "The backup before the import failed, so nothing was written. Check the disk's room.",
    ),
    (
        "empty_sheet",
        "这张工作表里没有内容。",
        "There is nothing on this sheet.",
    ),
    (
        "customer_not_mapped",
        "至少要有一列对应客户名称、客户编号或统一社会信用代码。",
        "At least one column has to be the customer's name, number or USCC.",
    ),
    (
        "target_taken",
        "有两列对应到同一个字段。",
        "Two columns are meant for one field.",
    ),
    (
        "sheet_not_found",
        "文件里没有这个工作表。",
        "The workbook has no such sheet.",
    ),
    (
        "already_joined",
        "本机已经加入了服务器。",
        "This laptop has joined a server already.",
    ),
    (
        "not_joined",
        "本机没有加入服务器。请用邀请加入：ketu join ketu1_…",
        "This laptop has no server. An invitation joins one: ketu join ketu1_…",
    ),
    (
        "sample_present",
        "请先移除示例公司的数据，再加入服务器。",
        "Remove the sample company first, so that it does not go to the server.",
    ),
    (
        "password_short",
        "密码至少要 {least} 个字符。",
        "A password has {least} characters at least.",
    ),
    (
        "sync_offline",
        "连不上服务器。本机的数据都在，联网后会自动同步。",
        "The server cannot be reached. Everything is safe here and goes out once there is a network.",
    ),
    (
        "sync_cut",
        "连接中断了。本机的数据都在，稍后会重试。",
        "The connection broke off. Everything is safe here; try again later.",
    ),
    (
        "sync_portal",
        "这个网络先要在网页上登录，请求没有到达服务器。",
        "This network wants a log in on a web page first; the server was not reached.",
    ),
    (
        "sync_certificate",
        "对方不是邀请中的服务器（证书不符），什么都没有发送。",
        "Whoever answers is not the server of the invitation (its certificate differs). Nothing was sent.",
    ),
    (
        "sync_wrong_login",
        "密码或邀请有误，或邀请已经用过、过期。",
        "The password or the invitation is wrong, or the invitation was used or is past its time.",
    ),
    (
        "sync_login_required",
        "请重新登录：ketu log-in",
        "Log in again: ketu log-in",
    ),
    (
        "sync_revoked",
        "管理员停用了本机或你的账号。",
        "The administrator shut this laptop or your account out.",
    ),
    (
        "sync_rate_limited",
        "尝试太多，请 {retry_after} 秒后再试。",
        "Too many tries; again in {retry_after} seconds.",
    ),
    (
        "no_user",
        "没有叫“{name}”的同事，或不止一位。",
        "There is no colleague {name}, or more than one.",
    ),
    (
        "already_set_up",
        "这里已经有数据文件了。",
        "There is a data file here already.",
    ),
    (
        "locked",
        "本机没有打开数据文件的密钥。请用恢复密钥解锁：ketu unlock",
        "The key is not on this laptop. The recovery key opens the file: ketu unlock",
    ),
    (
        "wrong_key",
        "这个恢复密钥打不开该文件。",
        "That recovery key does not open this file.",
    ),
    (
        "recovery_key_mistyped",
        "恢复密钥有误，请检查是否抄错。",
        "That is not a recovery key; check it for a slip.",
    ),
    (
        "in_use",
        "数据文件正被占用（{owner}）。请先退出另一个客途。",
        "The data file is in use ({owner}). Quit the other Ketu first.",
    ),
    (
        "damaged",
        "数据文件已损坏。可以恢复备份：ketu restore",
        "The data file is damaged. A backup can be restored: ketu restore",
    ),
    (
        "newer",
        "数据文件由更新的版本写成，请升级客途。",
        "The data file was written by a newer version; upgrade Ketu.",
    ),
    (
        "foreign",
        "这不是客途的数据文件。",
        "This is not a data file of Ketu's.",
    ),
    (
        "plaintext",
        "数据文件没有加密，拒绝打开。",
        "The data file is not encrypted; refused.",
    ),
    (
        "out_of_reach",
        "太久没有联系上服务器，数据已锁定。请联网后运行 ketu sync",
        "Away from the server for too long; the data is locked. Connect, then: ketu sync",
    ),
    (
        "shut_out",
        "公司停用了这台电脑，本机数据已经销毁。",
        "The company shut this laptop out; its data is destroyed.",
    ),
    (
        "unusable",
        "数据文件夹无法使用。",
        "The data folder cannot be used.",
    ),
    (
        "database",
        "数据库出错，什么都没有改动。",
        "The database failed; nothing was changed.",
    ),
    (
        "disk_full",
        "磁盘已满，什么都没有改动。",
        "The disk is full; nothing was changed.",
    ),
    (
        "no_access",
        "没有读写权限。",
        "No permission to read or write.",
    ),
    ("file_not_found", "找不到文件。", "There is no such file."),
    (
        "io",
        "文件无法读写。",
        "The file could not be read or written.",
    ),
    (
        "not_found",
        "没有这条记录（{entity}）。",
        "There is no such record ({entity}).",
    ),
    (
        "number_not_unique",
        "有多条记录的编号是 {number}，请用 id。",
        "Several records have the number {number}; use the id.",
    ),
    (
        "unknown_entity",
        "没有“{entity}”这种记录。",
        "There is no kind of record called {entity}.",
    ),
    ("unknown_field", "没有这个字段。", "There is no such field."),
    (
        "unknown_column",
        "表中没有“{column}”列。",
        "The sheet has no column {column}.",
    ),
    (
        "unknown_target",
        "没有可以导入的字段“{target}”。",
        "There is no field {target} to import into.",
    ),
    (
        "unknown_sheet",
        "文件中没有“{sheet}”工作表。",
        "The file has no sheet {sheet}.",
    ),
    ("invalid", "有字段不合要求。", "Some fields are not valid."),
    (
        "bad_request",
        "参数不对。",
        "The request is not well-formed.",
    ),
    (
        "nothing_to_undo",
        "没有可以撤销的操作。",
        "There is nothing to undo.",
    ),
    (
        "nothing_to_redo",
        "没有可以重做的操作。",
        "There is nothing to redo.",
    ),
    (
        "undo_gone",
        "没有撤销：这一步的记录已不在这台电脑上，现在归同事，或已由服务器收回。",
        "Not undone: the records of this step are no longer on this computer; a colleague has them now, or the server \
         took them back.",
    ),
    (
        "lost_reason_required",
        "请填写失败原因。",
        "A lost opportunity needs its reason.",
    ),
    ("nothing_selected", "没有选择记录。", "No record was named."),
    (
        "cancelled",
        "已取消，什么都没有改动。",
        "Cancelled; nothing was changed.",
    ),
    (
        "bad_backup",
        "备份打不开或不完整。",
        "The backup does not open or is not whole.",
    ),
    (
        "no_backup",
        "没有名为“{name}”的备份。",
        "There is no backup called {name}.",
    ),
    (
        "key_store",
        "系统密钥库拒绝了请求。",
        "The system's key store refused.",
    ),
    (
        "problems_found",
        "发现 {count} 个问题。",
        "{count} problems were found.",
    ),
    (
        "no_page",
        "没有网页，请先在 ui 中运行 npm run build。",
        "The page is not built; run npm run build in ui first.",
    ),
    (
        "sheet_password_protected",
        "文件有密码，请先在 Excel 或 WPS 中去掉密码。",
        "The workbook has a password; take it off first.",
    ),
    (
        "sheet_old_format",
        "文件格式太旧，请另存为 .xlsx。",
        "The workbook's format is too old; save it as .xlsx.",
    ),
    (
        "sheet_not_a_spreadsheet",
        "这不是电子表格。",
        "This is not a spreadsheet.",
    ),
    ("sheet_empty_file", "文件是空的。", "The file is empty."),
    (
        "sheet_damaged",
        "表格文件已损坏。",
        "The workbook is damaged.",
    ),
    (
        "sheet_too_large",
        "文件超过 {limit_mb} MB。",
        "The file is larger than {limit_mb} MB.",
    ),
    (
        "sheet_too_many_rows",
        "表格超过 {limit} 行，请拆分后再导入。没有写入任何内容。",
        "The sheet has more than {limit} rows; please split it. Nothing was written.",
    ),
    (
        "sheet_too_many_cells",
        "表格太大，超过 {limit_mb} MB。",
        "The sheet is larger than {limit_mb} MB.",
    ),
    (
        "sheet_zip_bomb",
        "文件解压后异常大，拒绝读取。",
        "The file unpacks to far more than it is; refused.",
    ),
    (
        "sheet_timed_out",
        "读取超过 {seconds} 秒，已停止。",
        "Reading took longer than {seconds} s.",
    ),
    (
        "sheet_out_of_memory",
        "读取需要超过 {limit_mb} MB 内存，已停止。",
        "Reading needed more than {limit_mb} MB of memory.",
    ),
    (
        "sheet_worker_died",
        "读取表格的进程意外结束。",
        "The reading process ended without an answer.",
    ),
    (
        "sheet_sheet_not_found",
        "文件中没有这个工作表。",
        "The workbook has no such sheet.",
    ),
    (
        "sheet_io",
        "表格文件无法读写。",
        "The workbook could not be read or written.",
    ),
    (
        "sheet_write_failed",
        "工作簿写不出来。",
        "The workbook could not be written.",
    ),
];

pub fn sentence(refusal: &ApiError, language: Language) -> String {
    let known = SENTENCES.iter().find(|(code, _, _)| *code == refusal.code);
    let mut out = match known {
        Some((_, chinese, english)) => {
            let mut sentence = language.of(*chinese, *english).to_owned();
            for (name, value) in &refusal.params {
                sentence = sentence.replace(&format!("{{{name}}}"), value);
            }
            sentence
        }
        None => {
            let params = refusal
                .params
                .iter()
                .map(|(name, value)| format!(" {name}={value}"));
            format!("{}{}", refusal.code, params.collect::<String>())
        }
    };
    for error in &refusal.errors {
        let params = error
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let reason = reason(&error.code, params, Reasons::of(language.tag()));
        out.push_str(&format!("\n  {}: {reason}", error.field));
    }
    if let (Some(field), []) = (&refusal.field, refusal.errors.as_slice()) {
        out.push_str(&format!("\n  {field}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::refusal;

    #[test]
    fn a_refusal_is_a_sentence_with_its_parameters() {
        let held = refusal("in_use", &[("owner", "李雷 (7)")]);
        assert_eq!(
            sentence(&held, Language::English),
            "The data file is in use (李雷 (7)). Quit the other Ketu first."
        );
        assert!(sentence(&held, Language::Chinese).contains("李雷 (7)"));
    }

    #[test]
    fn an_unknown_code_is_shown_as_it_is() {
        let odd = refusal("odd_code", &[("row", "3")]);
        assert_eq!(sentence(&odd, Language::English), "odd_code row=3");
    }

    #[test]
    fn no_code_has_two_sentences() {
        let mut codes: Vec<&str> = SENTENCES.iter().map(|(code, _, _)| *code).collect();
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
