export const lists = {
  search: 'Find in this list',
  emptyCustomers: 'No customers yet. Import a customer sheet or add the first one.',
  emptyOther: 'Nothing here yet: {{entity}}.',
  emptyFiltered: 'Nothing matches: {{entity}}.',
  clearFilter: 'Clear conditions',
  emptyBin: 'The recycle bin is empty.',
  import: 'Import Excel / CSV',
  sample: 'Load sample',
  binHint: 'Deleted records stay here and can be restored.',
  exportName: '{{entity}} {{date}}.xlsx',
  exportTitle: 'Export to Excel',
  sheetFiles: 'Excel workbook',
};
