"""A class that acts together: a code to join by, polls, drawings, and the view on the leader's stage.

Start reading at group.py. Nothing here knows the page or a network: what is kept is small, lies in this process alone,
holds neither name nor text of anybody, and is forgotten when its leader leaves.
"""
