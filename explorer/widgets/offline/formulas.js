// Carries out formulas that torch has traced from the core, see explorer/device/formulas.py.

import { roundEven } from "../numbers.js";

/** @typedef {{ inputs: number, steps: [string, (string | number)[]][], outputs: (string | number)[] }} Formula */

const OPERATIONS = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  "subtract from": (a, b) => b - a,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  root: (a) => Math.sqrt(a),
  power: (a, b) => a ** b,
  "at least": (a, b) => Math.max(a, b),
  round: roundEven,
};

/**
 * What a formula makes of its inputs: numbers, as many as it has outputs.
 *
 * @param {Formula} formula
 * @param {number[]} inputs
 */
export function calculate({ steps, outputs }, inputs) {
  const numbers = [...inputs];
  const found = (operand) => (typeof operand === "string" ? numbers[Number(operand)] : operand);
  for (const [name, operands] of steps) numbers.push(OPERATIONS[name](...operands.map(found)));
  return outputs.map(found);
}
