"""Where pictures come from: real digits, drawings, uploads, and what is made of them."""
