/**
 * Moving cards between columns by pointer and by keyboard. The only file that knows the drag library: the
 * board knows cards, columns and drops.
 */
import {
  type Active,
  type Announcements,
  type CollisionDetection,
  DndContext,
  DragOverlay,
  KeyboardCode,
  type KeyboardCoordinateGetter,
  KeyboardSensor,
  type Over,
  PointerSensor,
  pointerWithin,
  rectIntersection,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';

/** What a screen reader says while a card is on its way. */
export interface DragWords {
  /** How a card is called, and which keys move it. */
  card: string;
  hint: string;
  lifted(card: string, column: string): string;
  over(card: string, column: string): string;
  outside(card: string): string;
  dropped(card: string, column: string): string;
  cancelled(card: string): string;
}

interface DragBoardProps {
  /** Ids of the columns from left to right. */
  columns: readonly string[];
  /** Names for what is said. */
  cardName(card: string): string;
  columnName(column: string): string;
  words: DragWords;
  onDrop(card: string, from: string, to: string): void;
  /** How the lifted card looks on its way. */
  overlay(card: string): ReactNode;
  children: ReactNode;
}

/** A pointer has to move so far before a click becomes a drag. */
const DISTANCE = 6;
const KEYS = { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter', 'Tab'] };

interface CardData {
  column: string;
}

const columnOf = (active: Active): string => (active.data.current as CardData).column;

export function DragBoard(props: DragBoardProps) {
  const { columns, cardName, columnName, words, onDrop, overlay, children } = props;
  const [lifted, setLifted] = useState<string | null>(null);
  /** The column that the arrow keys have come to; a pointer finds its column by where it is. */
  const byKeys = useRef<string | null>(null);
  const order = useRef(columns);
  order.current = columns;

  const walk = useMemo<KeyboardCoordinateGetter>(
    () =>
      (event, { active, context }) => {
        const step = { [KeyboardCode.Right]: 1, [KeyboardCode.Left]: -1 }[event.code];
        if (!step) return undefined;
        event.preventDefault();
        const card = context.active;
        const from = byKeys.current ?? (card ? columnOf(card) : String(active));
        const next = order.current[order.current.indexOf(from) + step];
        const column = next === undefined ? undefined : context.droppableContainers.get(next)?.node.current;
        if (next === undefined || !column) return undefined;
        byKeys.current = next;
        column.scrollIntoView?.({ inline: 'nearest', block: 'nearest' });
        const { left, top } = column.getBoundingClientRect();
        const inside = 8;
        const belowHead = 72;
        return { x: left + inside, y: top + belowHead };
      },
    [],
  );
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: DISTANCE } }),
    useSensor(KeyboardSensor, { coordinateGetter: walk, keyboardCodes: KEYS, scrollBehavior: 'auto' }),
  );
  const collide = useMemo<CollisionDetection>(
    () => (args) => {
      if (byKeys.current !== null) return [{ id: byKeys.current }];
      const under = pointerWithin(args);
      return under.length ? under : rectIntersection(args);
    },
    [],
  );

  const say = useMemo<Announcements>(() => {
    const card = (active: Active) => cardName(String(active.id));
    const column = (over: Over) => columnName(String(over.id));
    return {
      onDragStart: ({ active }) => words.lifted(card(active), columnName(columnOf(active))),
      onDragOver: ({ active, over }) =>
        over ? words.over(card(active), column(over)) : words.outside(card(active)),
      onDragEnd: ({ active, over }) =>
        over ? words.dropped(card(active), column(over)) : words.cancelled(card(active)),
      onDragCancel: ({ active }) => words.cancelled(card(active)),
    };
  }, [words, cardName, columnName]);

  const end = () => {
    byKeys.current = null;
    setLifted(null);
  };

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={collide}
      accessibility={{ announcements: say, screenReaderInstructions: { draggable: words.hint } }}
      onDragStart={({ active }) => {
        byKeys.current = null;
        setLifted(String(active.id));
      }}
      onDragCancel={end}
      onDragEnd={({ active, over }) => {
        end();
        const from = columnOf(active);
        if (over && String(over.id) !== from) onDrop(String(active.id), from, String(over.id));
      }}
    >
      {children}
      <DragOverlay dropAnimation={null}>{lifted ? overlay(lifted) : null}</DragOverlay>
    </DndContext>
  );
}

/** A card that can be lifted: what its element needs, and whether it is on its way. */
export function useDragCard(id: string, column: string, roleDescription: string) {
  const { setNodeRef, attributes, listeners, isDragging } = useDraggable({
    id,
    data: { column } satisfies CardData,
    attributes: { roleDescription },
  });
  const lift = (event: KeyboardEvent) => listeners?.onKeyDown?.(event);
  return {
    isDragging,
    /** To be called by the card's own key handler for what it does not use itself. */
    lift,
    props: { ...attributes, ...listeners, ref: setNodeRef },
  };
}

/** A column that takes cards. */
export function useDropColumn(id: string) {
  const { setNodeRef, isOver, active } = useDroppable({ id });
  return { ref: setNodeRef, isOver: isOver && active !== null && columnOf(active) !== id };
}
