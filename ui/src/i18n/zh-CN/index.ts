import { board } from './board';
import { common } from './common';
import { conflicts } from './conflicts';
import { customerPage } from './customer-page';
import { errors } from './errors';
import { fields } from './fields';
import { filter } from './filter';
import { grid } from './grid';
import { imports } from './imports';
import { interactions } from './interactions';
import { join } from './join';
import { lists } from './lists';
import { places } from './places';
import { reminders } from './reminders';
import { settings } from './settings';
import { start } from './start';
import { sync } from './sync';
import { transfer } from './transfer';

export const zhCN = {
  board,
  common,
  conflicts,
  customerPage,
  errors,
  fields,
  filter,
  grid,
  imports,
  interactions,
  join,
  lists,
  places,
  reminders,
  settings,
  start,
  sync,
  transfer,
};

/** The same keys with any text: what another language has to hold, with a singular where it has one. */
type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> } & {
  [K in keyof T & string as T[K] extends string ? `${K}_one` : never]?: string;
};
export type Texts = typeof zhCN;
export type TextsLike = Shape<Texts>;
