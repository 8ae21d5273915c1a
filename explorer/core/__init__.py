"""The shared torch core: schedule, network, sampling, training, checkpoints. It imports torch and safetensors, nothing
of the screen.
"""
