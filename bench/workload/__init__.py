"""The neutral workload: one drawn force, the questions everybody is asked about it, and the right answers.

Other systems were measured on the same data and gave the same answers (the digests of ``reference.py``), so their
figures and the product's stand side by side. ``drawing.py`` draws it from a seed; ``reference.py`` answers by the
obvious loop; ``loading.py`` brings it into the product; ``asking.py`` asks the product and compares.

What the product's model has no place for is said in ``asking.NOT_ASKED``, and left out of no other answer.
"""
