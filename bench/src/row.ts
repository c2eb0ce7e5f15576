import type { Place } from './place.js';
import { median } from './statistics.js';

/** Figures to compare with, by what they are, unit included: measured in this run, or they would say nothing about this machine. */
export type Reference = Readonly<Record<string, number>>;

/** One figure with a goal. To add one: put it into a group, or write a group and name it in main.ts. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly goal: { readonly atLeast: number } | { readonly atMost: number };
  /** How often both are taken, one after the other, so that what disturbs the machine disturbs both; medians count. */
  readonly rounds: number;
  measure(): Promise<number> | number;
  reference(): Promise<Reference> | Reference;
}

/** Rows that share processes, folders or samples. */
export interface Group {
  readonly name: string;
  rows(place: Place): Promise<readonly Row[]> | readonly Row[];
}

/** As `--json` prints it. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  readonly met: boolean;
  readonly reference: Reference;
}

export async function measureRow(row: Row): Promise<Result> {
  const values: number[] = [];
  const references: Reference[] = [];
  for (let round = 0; round < row.rounds; round += 1) {
    values.push(await row.measure());
    references.push(await row.reference());
  }
  const value = median(values);
  const names = Object.keys(references[0] ?? {});
  return {
    name: row.name,
    value: rounded(value),
    unit: row.unit,
    goal: 'atLeast' in row.goal ? row.goal.atLeast : row.goal.atMost,
    met: 'atLeast' in row.goal ? value >= row.goal.atLeast : value <= row.goal.atMost,
    reference: Object.fromEntries(names.map((name) => [name, rounded(median(references.map((r) => r[name] ?? NaN)))])),
  };
}

/** Three digits: the machine's noise is larger. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
