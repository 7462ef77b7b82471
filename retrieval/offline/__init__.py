"""Events in, a live model version out: snapshot → train → relate → embed → index → evaluate → warm → promote.

Each step is `run(version_id)`, safe to run twice; `pipeline.py` declares their order once.
"""
