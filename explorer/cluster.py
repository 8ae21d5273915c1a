"""What `serve run explorer.cluster:app` starts: see explorer/serving/cluster and explorer/lab/cluster."""

from explorer.lab.cluster import app as app
