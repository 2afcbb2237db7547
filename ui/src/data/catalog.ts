/** The catalog in the window: entities, fields and the names that values stand for. */
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { asLanguage, i18n, type Language } from '../i18n';
import type {
  CatalogView,
  EntityDef,
  FieldDef,
  Label,
  OptionView,
  PipelineView,
  StageView,
} from '../transport/contract';
import { call } from '../transport/transport';
import { CATALOG_ENTITIES, queryClient } from './client';

export const catalogQuery = {
  queryKey: ['catalog'],
  queryFn: () => call('catalog', {}),
  meta: { entities: CATALOG_ENTITIES },
};

/** Lookups over one answer of `catalog`, in one language. */
export class CatalogIndex {
  readonly pipelines: PipelineView[];
  readonly users: CatalogView['users'];
  readonly tags: CatalogView['tags'];
  private readonly entities: Map<string, EntityDef>;
  private readonly optionsById: Map<string, OptionView>;
  private readonly stagesById = new Map<string, StageView & { pipeline: string }>();
  /** Names of users, tags, pipelines and stages by id, and of options that were removed. */
  private readonly names = new Map<string, string>();

  constructor(
    readonly view: CatalogView,
    readonly language: Language,
  ) {
    this.pipelines = view.pipelines;
    this.users = view.users;
    this.tags = view.tags;
    this.entities = new Map(view.catalog.entities.map((entity) => [entity.key, entity]));
    this.optionsById = new Map(view.options.map((option) => [option.id, option]));
    for (const [id, name] of Object.entries(view.removed)) this.names.set(id, name);
    for (const named of [...view.users, ...view.tags]) this.names.set(named.id, named.name);
    for (const pipeline of view.pipelines) {
      this.names.set(pipeline.id, this.name(pipeline));
      for (const stage of pipeline.stages) {
        this.stagesById.set(stage.id, { ...stage, pipeline: pipeline.id });
        this.names.set(stage.id, this.name(stage));
      }
    }
  }

  /** A kind of record that the catalog is known to hold. */
  entity(key: string): EntityDef {
    const entity = this.entities.get(key);
    if (!entity) throw new Error(`the catalog has no entity ${key}`);
    return entity;
  }

  has(key: string): boolean {
    return this.entities.has(key);
  }

  field(entity: string, key: string): FieldDef | undefined {
    return this.entities.get(entity)?.fields.find((field) => field.key === key);
  }

  label(label: Label): string {
    return this.language === 'en' ? label.en || label.zh : label.zh;
  }

  entityLabel(key: string): string {
    return this.label(this.entity(key).label);
  }

  /** The name in the window's language; an option typed by a person may have one name only. */
  name(named: { name: string; name_en: string }): string {
    return this.language === 'en' ? named.name_en || named.name : named.name;
  }

  option(id: string): OptionView | undefined {
    return this.optionsById.get(id);
  }

  options(list: string): OptionView[] {
    return this.view.options.filter((option) => option.list === list);
  }

  stage(id: string): (StageView & { pipeline: string }) | undefined {
    return this.stagesById.get(id);
  }

  nameOf(id: string): string | undefined {
    const option = this.optionsById.get(id);
    return option ? this.name(option) : this.names.get(id);
  }
}

/** The catalog where no component is at hand; none before it was loaded. */
export function catalogNow(): CatalogIndex | null {
  const view = queryClient.getQueryData<CatalogView>(catalogQuery.queryKey);
  return view ? new CatalogIndex(view, asLanguage(i18n.language)) : null;
}

const CatalogContext = createContext<CatalogIndex | null>(null);
export const CatalogProvider = CatalogContext.Provider;

/** Loads the catalog; for the frame of the app, with its error. Screens inside it use `useCatalog`. */
export function useLoadedCatalog() {
  const { i18n } = useTranslation();
  const { data: view, error, refetch } = useQuery(catalogQuery);
  const language = asLanguage(i18n.language);
  const catalog = useMemo(() => (view ? new CatalogIndex(view, language) : null), [view, language]);
  return { catalog, error, refetch };
}

export const useCatalogIndex = (): CatalogIndex | null => useLoadedCatalog().catalog;

export function useCatalog(): CatalogIndex {
  const catalog = useContext(CatalogContext);
  if (!catalog) throw new Error('useCatalog stands inside CatalogProvider');
  return catalog;
}
