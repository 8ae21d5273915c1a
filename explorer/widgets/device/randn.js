// torch's random numbers: the same seed gives the same noise as in Python.
//
// torch.Generator is a Mersenne twister (MT19937; Matsumoto and Nishimura 1998). torch.randn of 16 numbers and more
// fills them with uniform ones of 24 bits, and turns each block of 16 into normal ones (Box and Muller 1958): eight
// radii from its first half, eight angles from its second. Fewer numbers torch makes in another way, which nothing here
// needs.

const SIZE = 624;
const SHIFT = 397;
const BLOCK = 16;

export class Generator {
  #state = new Uint32Array(SIZE);
  #next = SIZE;

  // seed: a whole number from 0 on; torch takes its lowest 32 bits.
  constructor(seed) {
    const state = this.#state;
    state[0] = Number(BigInt.asUintN(32, BigInt(seed)));
    for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  }

  #renew() {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const mixed = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      state[i] = state[(i + SHIFT) % SIZE] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }

  // 32 random bits
  bits() {
    if (this.#next === SIZE) this.#renew();
    let y = this.#state[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // What a generator needs to go on from here.
  get state() {
    return Uint32Array.of(...this.#state, this.#next);
  }

  set state(numbers) {
    this.#state = numbers.slice(0, SIZE);
    this.#next = numbers[SIZE];
  }

  // torch.randint(high, ..., generator=...), one of them; high below 2^28
  below(high) {
    return this.bits() % high;
  }

  // torch.rand(count, generator=...): Float32Array in [0, 1)
  uniform(count) {
    const numbers = new Float32Array(count);
    for (let k = 0; k < count; k++) numbers[k] = (this.bits() & 0xffffff) / 2 ** 24;
    return numbers;
  }

  // Of torch.randn(count, generator=...) the numbers from `first` on, below `end`; the others cost less.
  normalPart(count, first, end) {
    if ([count, first, end].some((n) => n % BLOCK)) return this.normal(count).subarray(first, end);
    for (let k = 0; k < first; k++) this.bits();
    const numbers = first < end ? this.normal(end - first) : new Float32Array(0);
    for (let k = end; k < count; k++) this.bits();
    return numbers;
  }

  // torch.randn(count, generator=...), count at least 16: Float32Array
  normal(count) {
    if (count < BLOCK) throw new RangeError(`torch makes fewer than ${BLOCK} normal numbers in another way`);
    const numbers = this.uniform(count);
    for (let first = 0; first + BLOCK <= count; first += BLOCK) boxMuller(numbers, first);
    if (count % BLOCK) {
      numbers.set(this.uniform(BLOCK), count - BLOCK); // the last block is drawn anew
      boxMuller(numbers, count - BLOCK);
    }
    return numbers;
  }
}

function boxMuller(numbers, first) {
  const half = BLOCK / 2;
  for (let i = first; i < first + half; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - numbers[i]));
    const angle = 2 * Math.PI * numbers[i + half];
    numbers[i] = radius * Math.cos(angle);
    numbers[i + half] = radius * Math.sin(angle);
  }
}
