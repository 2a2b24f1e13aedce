{{ config(materialized='external', format='csv') }}
select * from {{ ref('stg_penguins') }} where "Clutch Completion" = 'Yes'
