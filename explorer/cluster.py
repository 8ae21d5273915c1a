"""What `serve run explorer.cluster:app` starts: see explorer/serving/cluster."""

from explorer.serving.cluster import app as app
