//! The first look into a file: which sheet, where its header is, where its columns go.

use super::work::cancelled_or;
use super::*;

impl Imports {
    /// Looks into a file and guesses where its columns go. Its number is told at once, so that also this
    /// can be cancelled.
    pub fn open(
        &self,
        session: &Session,
        request: ImportOpen,
        emit: Emit<'_>,
    ) -> Result<ImportOpened> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let cancel = Arc::new(AtomicBool::new(false));
        self.opening().insert(number, Arc::clone(&cancel));
        emit(&Event::ImportProgress {
            import: number,
            phase: "opening".to_owned(),
            done: 0,
            total: None,
        });
        let opened = self.look_into(session, number, &cancel, request);
        self.opening().remove(&number);
        opened
    }

    pub(super) fn opening(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<AtomicBool>>> {
        self.opening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_into(
        &self,
        session: &Session,
        number: u32,
        cancel: &AtomicBool,
        request: ImportOpen,
    ) -> Result<ImportOpened> {
        let catalog = session.store.catalog();
        let dictionary = Dictionary::new(&catalog);
        let path = Path::new(&request.path);
        let opened = open(
            &self.reader(),
            cancel,
            &dictionary,
            path,
            request.sheet.as_deref(),
            request.header_row,
        );
        let opened = opened.map_err(cancelled_or)?;
        let sheet = opened.sheet_name(&opened.sheet);
        let remembered = session.read(|reader| mapping::remembered(reader, &opened.names))?;
        let today = session.store.clock().today();
        let is_remembered = remembered.is_some();
        let guess = remembered.unwrap_or_else(|| {
            let headers =
                mapping::headers(&opened.names, &opened.first_rows, opened.header.1, today);
            mapping::guess(&catalog, &dictionary, &sheet, &headers)
        });
        let columns = (0u32..)
            .zip(&opened.names)
            .filter(|(_, name)| !name.is_empty())
            .map(|(index, name)| ImportColumn {
                index,
                name: name.clone(),
                target: guess.get(&index).map(ToString::to_string),
                samples: opened.samples(index as usize),
            });
        let answer = ImportOpened {
            import: number,
            file: opened.file_name(),
            kind: kind_name(opened.workbook.kind).to_owned(),
            encoding: opened.workbook.encoding.clone(),
            sheets: opened
                .workbook
                .sheets
                .iter()
                .map(|sheet| ImportSheet {
                    name: opened.sheet_name(sheet),
                    visible: sheet.visible,
                })
                .collect(),
            sheet,
            header_rows: opened.header,
            columns: columns.collect(),
            preview: opened.preview(),
            remembered: is_remembered,
        };
        let import = Arc::new(Import {
            number,
            cancel: AtomicBool::new(false),
            work: Mutex::new(Work {
                opened,
                table: None,
                filled: None,
                planned: None,
                done: false,
            }),
        });
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number, import);
        Ok(answer)
    }
}
