"""DDPM Explorer: see how denoising diffusion works. Where what stands: explorer/guide/contributing.md."""
