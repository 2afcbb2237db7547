/** The lists of records, the recycle bin, empty states. */
export const lists = {
  search: '在列表中查找',
  emptyCustomers: '还没有客户。导入一张客户表，或先建一个。',
  emptyOther: '还没有{{entity}}。',
  emptyFiltered: '没有符合条件的{{entity}}。',
  clearFilter: '清除条件',
  emptyBin: '回收站是空的。',
  import: '导入 Excel / CSV',
  sample: '载入示例',
  binHint: '删除的记录保留在这里，可以恢复。',
  exportName: '{{entity}} {{date}}.xlsx',
  exportTitle: '导出为 Excel',
  exportWhole: '导出整个列表',
  sheetFiles: 'Excel 工作簿',
};
