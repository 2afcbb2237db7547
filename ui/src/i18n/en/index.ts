import type { TextsLike } from '../zh-CN';
import { board } from './board';
import { common } from './common';
import { customerPage } from './customer-page';
import { errors } from './errors';
import { fields } from './fields';
import { filter } from './filter';
import { grid } from './grid';
import { imports } from './imports';
import { interactions } from './interactions';
import { lists } from './lists';
import { places } from './places';
import { reminders } from './reminders';
import { settings } from './settings';
import { start } from './start';

export const en: TextsLike = {
  board,
  common,
  customerPage,
  errors,
  fields,
  filter,
  grid,
  imports,
  interactions,
  lists,
  places,
  reminders,
  settings,
  start,
};
