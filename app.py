"""DDPM Explorer: python app.py"""

from explorer.page import LAUNCH, build

demo = build()

if __name__ == "__main__":
    demo.launch(**LAUNCH)
