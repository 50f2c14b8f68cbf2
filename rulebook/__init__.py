"""What the law says, as dated data: rules with their citations, working days, and the counting of periods. Plain
Python, no Django.
"""
