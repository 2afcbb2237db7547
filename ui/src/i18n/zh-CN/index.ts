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

export const zhCN = {
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

/** The same keys with any text: what another language has to hold, with a singular where it has one. */
type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> } & {
  [K in keyof T & string as T[K] extends string ? `${K}_one` : never]?: string;
};
export type Texts = typeof zhCN;
export type TextsLike = Shape<Texts>;
